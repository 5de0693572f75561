/// A table as iptables-save(8) prints it with `-c`.
struct SavedTable: Hashable, Sendable {
    var table: String
    /// Built-in chains, too.
    var chains: [String] = []
    var rules: [SavedRule] = []

    /// The rules of one chain, in order.
    func rules(of chain: String) -> [SavedRule] {
        rules.filter { $0.chain == chain }
    }
}

/// A rule as it was printed, and what it comes to.
struct SavedRule: Hashable, Sendable {
    var chain: String
    /// 1-based, in its chain.
    var number: Int
    var packets: UInt64
    var bytes: UInt64
    /// Everything behind `-A CHAIN`, as printed.
    var words: [String]
    var rule: IptablesRule
}
