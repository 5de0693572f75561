import CMnl
import CNftnl
import Glibc
package import RuleIR
import Rtnetlink

/// Which installations have a table, of the calling thread's network namespace.
package enum InstanceSurvey {
    /// Needs CAP_NET_ADMIN; changes nothing.
    ///
    /// A table of such a name may be another program's.
    package static func instances() throws(BackendError) -> [InstanceName] {
        var found: [InstanceName] = []
        do throws(NetlinkError) {
            try unsafe MnlSocket(.netfilter).request { memory in
                unsafe nftnl_nlmsg_build_hdr(
                    memory, UInt16(NFT_MSG_GETTABLE.rawValue), UInt16(inet),
                    UInt16(NLM_F_DUMP), 1)
            } receive: { message in
                guard let table = unsafe nftnl_table_alloc() else { return }
                defer { unsafe nftnl_table_free(table) }
                guard unsafe nftnl_table_nlmsg_parse(message, table) == 0,
                    let text = unsafe nftnl_table_get_str(
                        table, UInt16(NFTNL_TABLE_NAME.rawValue))
                else { return }
                let name = unsafe String(cString: text)
                if name.hasPrefix(prefix),
                    let instance = InstanceName(String(name.dropFirst(prefix.count)))
                {
                    found.append(instance)
                }
            }
        } catch {
            switch error.code {
            case EPERM: throw .missingCapability("CAP_NET_ADMIN")
            // A kernel without nf_tables has no tables in it.
            case EOPNOTSUPP, EPROTONOSUPPORT, EINVAL, ENOENT: return []
            case _: throw .failed(operation: "listing the tables", reason: error.reason)
            }
        }
        return found
    }

    private static let prefix = "tproxy_"
    /// NFPROTO_INET.
    private static let inet = 1
}
