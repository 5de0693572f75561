package import Addressing
import CMnl
import CNftnl
import Glibc
package import RuleIR
import Rtnetlink

/// Which tables nf_tables has, of the calling thread's network namespace.
package enum TableSurvey {
    /// The families that have a table of their own, as those of iptables-nft are.
    ///
    /// Needs CAP_NET_ADMIN; changes nothing.
    package static func families() throws(BackendError) -> Set<AddressFamily> {
        var families: Set<AddressFamily> = []
        do throws(NetlinkError) {
            try unsafe MnlSocket(.netfilter).request { memory in
                unsafe nftnl_nlmsg_build_hdr(
                    memory, UInt16(NFT_MSG_GETTABLE.rawValue), UInt16(AF_UNSPEC),
                    UInt16(NLM_F_DUMP), 1)
            } receive: { message in
                guard let table = unsafe nftnl_table_alloc() else { return }
                defer { unsafe nftnl_table_free(table) }
                guard unsafe nftnl_table_nlmsg_parse(message, table) == 0 else { return }
                let number = unsafe nftnl_table_get_u32(
                    table, UInt16(NFTNL_TABLE_FAMILY.rawValue))
                switch Int32(bitPattern: number) {
                case AF_INET: families.insert(.ipv4)
                case AF_INET6: families.insert(.ipv6)
                case _: break
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
        return families
    }
}
