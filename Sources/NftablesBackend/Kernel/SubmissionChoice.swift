import Glibc
import Netlink
import RuleIR

/// Decides how a table is submitted.
///
/// libnftables submits it if every other table of the namespace is ours or one of iptables-nft's
/// without sets, and no set has 2,000 elements or more. libnftables reads all tables before it
/// writes one: 1.0.6 crashes on tables of newer programs (decision 0052). It is slow with long
/// sets.
enum SubmissionChoice {
    /// The number of elements from which netlink is faster.
    private static let longSet = 2_000

    static func submission(
        _ forced: Submission?, from loaded: LoadedTable?, to planned: PlannedTable,
        in socket: borrowing MnlSocket
    ) throws(KernelFailure) -> Submission {
        if let forced { return forced }
        let sets =
            Array(planned.canonical.sets.values) + (loaded.map { Array($0.sets.values) } ?? [])
        guard sets.allSatisfy({ $0.elements.count < longSet }) else { return .netlink }
        let others = try socket.tables().filter { !$0.isOurs }
        guard others.allSatisfy(\.isOfIptables) else { return .netlink }
        guard !others.isEmpty else { return .libnftables }
        return try socket.tablesWithSets().allSatisfy(\.isOurs) ? .libnftables : .netlink
    }
}

extension TableName {
    /// Whether the table has the family and name of one of iptables-nft's tables.
    fileprivate var isOfIptables: Bool {
        (family == AF_INET || family == AF_INET6)
            && ["raw", "mangle", "nat", "filter", "security"].contains(name)
    }
}
