import Addressing
import IptablesRules
package import RuleIR

/// Reads the rules of a `direct.xml`, of any program, as firewalld would load them.
package enum DirectRules {
    private struct Table: Hashable {
        var family: AddressFamily
        var name: String
    }

    /// Returns the rules of each chain by priority; those that can't be parsed are opaque.
    ///
    /// The file doesn't contain firewalld's own rules.
    package static func read(_ text: String) throws(DirectFileProblem) -> ListedRules {
        let document = try DirectDocument(Array(text.utf8))
        var tables: [Table: [DirectNode]] = [:]
        for node in document.nodes {
            guard let family = family(of: node) else { continue }
            tables[Table(family: family, name: tableName(of: node)), default: []].append(node)
        }
        let ordered = tables.sorted {
            ($0.key.family.rawValue, $0.key.name) < ($1.key.family.rawValue, $1.key.name)
        }
        return ListedRules(ordered.flatMap { read($0.key, $0.value) })
    }

    private static func read(_ table: Table, _ nodes: [DirectNode]) -> [ListedTable] {
        let rules = nodes.filter { $0.name == .rule }.enumerated().sorted {
            (priority(of: $0.element), $0.offset) < (priority(of: $1.element), $1.offset)
        }.map(\.element)
        var chains: [String] = []
        var known: Set<String> = []
        for name in nodes.flatMap(chains(of:)) where known.insert(name).inserted {
            chains.append(name)
        }
        let lines = rules.map { readableLine(of: $0) }
        let text =
            ["*\(table.name)"] + chains.map { ":\($0) - [0:0]" } + lines.compactMap(\.self)
            + ["COMMIT"]
        guard let saved = try? SavedText(text.joined(separator: "\n")) else { return [] }
        var read = ReadBack.tables(saved, table.family)
        let unread = zip(rules, lines).filter { $1 == nil }.map(\.0)
        addNative(unread + nodes.filter { $0.name == .passthrough }, to: &read)
        return read
    }

    /// Returns the rule as iptables-save prints it; nil if it can't be parsed.
    private static func readableLine(of node: DirectNode) -> String? {
        guard let words = node.arguments else { return nil }
        let line = RestoreText.line(["-A", node.chain] + words)
        let isReadable = (try? SavedText("*filter\n\(line)\nCOMMIT")) != nil
        return isReadable ? line : nil
    }

    /// Inserts rules whose text alone is known before all other rules of their chains.
    private static func addNative(_ nodes: [DirectNode], to tables: inout [ListedTable]) {
        var entries: [String: [ListedEntry]] = [:]
        for node in nodes {
            let entry = ListedEntry.native(
                OpaqueRule(text: "\(node.name.rawValue) \(node.text)", comment: nil))
            for name in chains(of: node) { entries[name, default: []].append(entry) }
        }
        for table in tables.indices {
            for chain in tables[table].chains.indices {
                let name = tables[table].chains[chain].name
                tables[table].chains[chain].entries.insert(contentsOf: entries[name] ?? [], at: 0)
            }
        }
    }

    private static func family(of node: DirectNode) -> AddressFamily? {
        switch node.attributes["ipv"] {
        case "ipv4": .ipv4
        case "ipv6": .ipv6
        case _: nil
        }
    }

    /// Returns the table of an element; that of a passthrough is among its arguments.
    private static func tableName(of node: DirectNode) -> String {
        switch node.name {
        case .chain, .rule: node.attributes["table"] ?? "filter"
        case .passthrough: value(behind: ["-t", "--table"], of: node) ?? "filter"
        }
    }

    /// Returns the chains of an element; a passthrough without one may affect any.
    private static func chains(of node: DirectNode) -> [String] {
        switch node.name {
        case .chain, .rule: return node.chain.contains(where: \.isWhitespace) ? [] : [node.chain]
        case .passthrough:
            let named = value(behind: ["-A", "--append", "-I", "--insert"], of: node)
            return named.map { [$0] } ?? Hook.allCases.map(IptablesChain.name)
        }
    }

    private static func value(behind options: Set<String>, of node: DirectNode) -> String? {
        let words = node.arguments ?? []
        return words.firstIndex { options.contains($0) }.flatMap {
            words.dropFirst($0 + 1).first
        }
    }

    private static func priority(of node: DirectNode) -> Int32 {
        node.attributes["priority"].flatMap { Int32($0) } ?? 0
    }
}
