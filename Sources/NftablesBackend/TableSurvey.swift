package import Addressing
import Glibc
import Netlink
package import RuleIR

/// Which tables nf_tables has, of the calling thread's network namespace.
///
/// Needs CAP_NET_ADMIN; changes nothing.
package enum TableSurvey {
    /// The families that have a table of their own, as those of iptables-nft are.
    package static func families() throws(BackendError) -> Set<AddressFamily> {
        var families: Set<AddressFamily> = []
        for table in try tables() {
            switch table.family {
            case AF_INET: families.insert(.ipv4)
            case AF_INET6: families.insert(.ipv6)
            case _: break
            }
        }
        return families
    }

    /// The installations that have a table, by name; one of such a name may be another program's.
    package static func instances() throws(BackendError) -> [InstanceName] {
        try tables().filter(\.isOurs)
            .compactMap { InstanceName(String($0.name.dropFirst(TableName.prefix.count))) }
            .sorted { $0.description < $1.description }
    }

    private static func tables() throws(BackendError) -> Set<TableName> {
        do {
            var socket = try MnlSocket.toNetfilter()
            // A table that was added or deleted meanwhile may be among them or not.
            socket.isStrict = false
            return try socket.tables()
        } catch {
            switch error {
            case .final(let reason): throw reason
            case .refused(let refusal):
                switch refusal.code {
                case EPERM: throw .missingCapability("CAP_NET_ADMIN")
                // A kernel without nf_tables has no tables in it.
                case EOPNOTSUPP, EPROTONOSUPPORT, EINVAL, ENOENT: return []
                case _: throw .failed(operation: "listing the tables", reason: refusal.reason)
                }
            }
        }
    }
}
