package import Addressing
import Glibc
package import RuleIR
import Netlink

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
        try KernelFailure.listing("the tables", orNothing: []) {
            (socket) throws(KernelFailure) in try socket.tables()
        }
    }
}
