package import Addressing

/// The direct rules of one family as documents for iptables-restore(8), for a trial.
///
/// firewalld submits other documents, but with the same rules. Each rule can be traced to its
/// element.
package struct TrialRules: Hashable, Sendable {
    private struct Rule: Hashable {
        var table: String
        var line: String
        var place: TextPlace
    }

    /// The lines that create chains, by table.
    private var chains: [String: [String]] = [:]
    private var rules: [Rule] = []

    /// Reads all rules except passthroughs, which may be any command.
    package init(of bytes: [UInt8], _ family: AddressFamily) throws(DirectFileProblem) {
        for node in try DirectDocument(bytes).nodes where node.place.ipv == family.rawValue {
            switch node.name {
            case .chain: chains[node.place.table, default: []].append(":\(node.chain) - [0:0]")
            case .rule:
                let words = (node.arguments ?? []).map(ArgumentText.submitted)
                rules.append(
                    Rule(
                        table: node.place.table,
                        line: (["-A", node.chain] + words).joined(separator: " "),
                        place: TextPlace(node.range.lowerBound, in: bytes)))
            case .passthrough: break
            }
        }
    }

    package var count: Int { rules.count }

    /// Returns the place of the element of a rule.
    package func place(of index: Int) -> TextPlace { rules[index].place }

    /// Returns a document with all chains and the first `count` rules.
    package func document(first count: Int) -> String {
        let lines = Dictionary(grouping: rules.prefix(count), by: \.table)
            .mapValues { $0.map(\.line) }
        let tables = Set(chains.keys).union(lines.keys).sorted()
        return tables.map { table in
            (["*\(table)"] + (chains[table] ?? []) + (lines[table] ?? []) + ["COMMIT", ""])
                .joined(separator: "\n")
        }.joined()
    }
}
