import Addressing
import LinuxHost
import IptablesRules
package import RuleIR

/// Rules that kumactl itself installed, through one flavour.
///
/// kumactl's own cleanup rewrites whole tables from text. This one deletes rule by rule.
package struct KumactlInstallation: Sendable {
    private struct Found: Sendable {
        var tables: FamilyTables
        /// The lines of a document that removes the rules, by table.
        var changes: [(table: String, lines: [String])]
    }

    private let found: [Found]

    /// Finds kumactl's rules; nil if there are none, or if tproxy loaded them.
    package static func find(
        _ flavour: IptablesFlavour, retry: RetryPolicy, paths: [String: String]
    ) throws(BackendError) -> KumactlInstallation? {
        try Privilege.check()
        var found: [Found] = []
        for family in AddressFamily.allCases {
            guard let tools = try Toolset.find(flavour, family, paths: paths) else { continue }
            let tables = FamilyTables(tools, retry)
            let changes = KumactlRules(try tables.saved()).parts.map(change)
            if !changes.isEmpty { found.append(Found(tables: tables, changes: changes)) }
        }
        return found.isEmpty ? nil : KumactlInstallation(found: found)
    }

    private static func change(_ part: KumactlRules.Part) -> (table: String, lines: [String]) {
        let rules = part.hooked.map { RestoreText.line(["-D", $0.chain] + $0.words) }
        return (
            part.table,
            rules + part.chains.map { "-F \($0)" } + part.chains.map { "-X \($0)" }
        )
    }

    /// The commands that `remove` runs, one line for each change.
    package var lines: [String] {
        found.flatMap { one in
            ["# \(one.tables.tools.flavour.name), \(one.tables.tools.family.displayName)"]
                + one.changes.flatMap { change in
                    change.lines.map { "-t \(change.table) \($0)" }
                }
        }
    }

    /// Removes exactly `lines`, each table as a whole.
    package func remove() throws(BackendError) {
        for one in found { try one.tables.submit(Self.document(one), ["--test"]) }
        for one in found { try one.tables.submit(Self.document(one), []) }
    }

    private static func document(_ found: Found) -> String {
        found.changes.map { change in
            (["*\(change.table)"] + change.lines + ["COMMIT", ""]).joined(separator: "\n")
        }.joined()
    }
}
