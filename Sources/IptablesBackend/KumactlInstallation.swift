import Addressing
import HostChange
import IptablesRules
package import RuleIR

/// Rules that kumactl itself installed, through one flavour.
///
/// Found by Kuma's chains and by its comment prefix. kumactl's own cleanup rewrites all tables from a
/// text; this one deletes rule by rule.
package struct KumactlInstallation: Sendable {
    private struct Found: Sendable {
        var tables: FamilyTables
        var chains: [(table: String, names: [String])] = []
        var rules: [(table: String, rule: SavedRule)] = []
    }

    private let found: [Found]

    /// What of kumactl's is here; nil when nothing is, or when tproxy made it.
    package static func find(
        _ flavour: IptablesFlavour, retry: RetryPolicy, paths: [String: String]
    ) throws(BackendError) -> KumactlInstallation? {
        try Privilege.check()
        var found: [Found] = []
        for family in AddressFamily.allCases {
            guard let tools = Toolset(flavour, family, paths: paths) else { continue }
            let tables = FamilyTables(tools, retry)
            let one = look(try tables.saved(), tables)
            if !one.chains.isEmpty || !one.rules.isEmpty { found.append(one) }
        }
        return found.isEmpty ? nil : KumactlInstallation(found: found)
    }

    private static func look(_ saved: SavedText, _ tables: FamilyTables) -> Found {
        var found = Found(tables: tables)
        for table in saved.tables where !table.chains.contains(IptablesChain.ledger) {
            let chains = table.chains.filter {
                $0.hasPrefix(IptablesChain.prefix) && $0 != IptablesChain.probe
            }
            if !chains.isEmpty { found.chains.append((table.table, chains)) }
            for rule in table.rules where !chains.contains(rule.chain) {
                let jumps = rule.rule.target.dropFirst().first.map(chains.contains) ?? false
                let isMarked = rule.rule.comment?.hasPrefix(IptablesComment.prefix) ?? false
                if jumps || isMarked { found.rules.append((table.table, rule)) }
            }
        }
        return found
    }

    /// What `remove` would run, one line a change.
    package var lines: [String] {
        found.flatMap { one in
            ["# \(one.tables.tools.flavour.name), \(one.tables.tools.family.displayName)"]
                + Self.changes(one).flatMap { change in
                    change.lines.map { "-t \(change.table) \($0)" }
                }
        }
    }

    /// Takes out exactly `lines`, each table as a whole.
    package func remove() throws(BackendError) {
        for one in found {
            let text = Self.changes(one).map { change in
                (["*\(change.table)"] + change.lines + ["COMMIT", ""]).joined(separator: "\n")
            }.joined()
            try one.tables.submit(text, ["--test"])
            try one.tables.submit(text, [])
        }
    }

    private static func changes(_ found: Found) -> [(table: String, lines: [String])] {
        let tables = Set(found.rules.map(\.table)).union(found.chains.map(\.table)).sorted()
        return tables.map { table in
            let chains = found.chains.first { $0.table == table }?.names ?? []
            let rules = found.rules.filter { $0.table == table }.map { entry in
                RestoreText.line(["-D", entry.rule.chain] + entry.rule.words)
            }
            return (table, rules + chains.map { "-F \($0)" } + chains.map { "-X \($0)" })
        }
    }
}
