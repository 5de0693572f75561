package import Addressing
import Glibc
import Netlink
package import RuleIR

/// Lists the nf_tables tables of the calling thread's network namespace.
///
/// Needs CAP_NET_ADMIN; changes nothing.
package enum TableSurvey {
    /// Returns the families that have a table of their own, as iptables-nft's tables are.
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

    /// Returns the names of installations that have a table; the table may be foreign.
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
