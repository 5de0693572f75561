package import Addressing

/// A table as `iptables-save -c` prints it.
package struct SavedTable: Hashable, Sendable {
    package var table: String
    /// All chains, including the built-in ones.
    package var chains: [String] = []
    /// The policy of each built-in chain, `ACCEPT` or `DROP`.
    package var policies: [String: String] = [:]
    package var rules: [SavedRule] = []

    /// The rules by chain, in order.
    package var rulesByChain: [String: [SavedRule]] { Dictionary(grouping: rules, by: \.chain) }

    /// The ports that rules translate to another address.
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

    /// Returns the rules of one chain, in order.
    package func rules(of chain: String) -> [SavedRule] {
        rules.filter { $0.chain == chain }
    }
}

/// A rule as printed, with its parsed form.
package struct SavedRule: Hashable, Sendable {
    package var chain: String
    /// The 1-based position in the chain.
    package var number: Int
    package var packets: UInt64
    package var bytes: UInt64
    /// The words after `-A CHAIN`, as printed.
    package var words: [String]
    package var rule: IptablesRule
}
