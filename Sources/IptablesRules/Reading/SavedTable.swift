package import Addressing

/// A table as iptables-save(8) prints it with `-c`.
package struct SavedTable: Hashable, Sendable {
    package var table: String
    /// Built-in chains, too.
    package var chains: [String] = []
    /// What becomes of packets at the end of each built-in chain: `ACCEPT` or `DROP`.
    package var policies: [String: String] = [:]
    package var rules: [SavedRule] = []

    /// The rules of each chain, in order.
    package var rulesByChain: [String: [SavedRule]] { Dictionary(grouping: rules, by: \.chain) }

    /// The ports that rules send to another address.
    package var publishedPorts: [Port] {
        let ports = rules.compactMap { saved -> Port? in
            let words = saved.rule.extensions
            guard saved.rule.target.dropFirst().first == "DNAT",
                let option = words.firstIndex(of: "--dport"), option + 1 < words.count,
                option == 0 || words[option - 1] != "!"
            else { return nil }
            return Port(words[option + 1])
        }
        return Set(ports).sorted()
    }

    /// The rules of one chain, in order.
    package func rules(of chain: String) -> [SavedRule] {
        rules.filter { $0.chain == chain }
    }
}

/// A rule as it was printed, and what it comes to.
package struct SavedRule: Hashable, Sendable {
    package var chain: String
    /// 1-based, in its chain.
    package var number: Int
    package var packets: UInt64
    package var bytes: UInt64
    /// Everything behind `-A CHAIN`, as printed.
    package var words: [String]
    package var rule: IptablesRule
}
