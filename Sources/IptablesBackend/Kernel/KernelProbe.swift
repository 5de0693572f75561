import IptablesRules
import RuleIR

/// Asks the kernel for each kind of match and target before anything that counts is changed.
///
/// `-m NAME -h` only asks the program. A rule in a chain that nothing jumps to asks the kernel.
struct KernelProbe {
    private let tables: FamilyTables

    init(_ tables: FamilyTables) {
        self.tables = tables
    }

    /// Throws the first module that is missing, by name.
    func run(_ contents: [TableContent]) throws(BackendError) {
        for content in contents {
            let kinds = Self.kinds(of: content)
            guard !kinds.isEmpty else { continue }
            do {
                try attempt(content.table, kinds.map(\.words))
            } catch {
                try blame(error, content.table, kinds)
            }
        }
    }

    /// One rule of each kind: the modules it names and what it does.
    private static func kinds(
        of content: TableContent
    ) -> [(name: String, words: [String], placed: PlacedRule)] {
        var seen: Set<String> = []
        var kinds: [(name: String, words: [String], placed: PlacedRule)] = []
        for placed in content.hooked + content.own {
            var rule = placed.rule
            let jump = rule.target.dropFirst().first ?? ""
            // A jump to a chain asks for no module.
            if jump.contains("_") { rule.target = ["-j", "RETURN"] }
            let modules = zip(rule.arguments, rule.arguments.dropFirst()).filter { $0.0 == "-m" }
                .map(\.1)
            let target = rule.target.dropFirst().first ?? ""
            let name = (modules.map { "match \($0)" } + ["target \(target)"])
                .joined(separator: ", ")
            guard seen.insert(name).inserted else { continue }
            kinds.append((name, rule.arguments, placed))
        }
        return kinds
    }

    private func attempt(
        _ table: IptablesTable, _ rules: [[String]]
    ) throws(BackendError) {
        let chain = IptablesChain.probe
        let opening = ["*\(table.rawValue)", ":\(chain) - [0:0]"]
        let lines = rules.map { RestoreText.line(["-A", chain] + $0) }
        // Nothing is left of one that is refused: the table is changed as a whole.
        try tables.submit((opening + lines + ["COMMIT", ""]).joined(separator: "\n"), [])
        try clear([table])
    }

    /// Takes the chain out again, also one that a killed process left.
    func clear(_ names: [IptablesTable]) throws(BackendError) {
        for table in names {
            // The line with a colon empties or makes it; then it can go.
            let lines = [
                "*\(table.rawValue)", ":\(IptablesChain.probe) - [0:0]",
                "-X \(IptablesChain.probe)",
                "COMMIT", "",
            ]
            try tables.submit(lines.joined(separator: "\n"), [])
        }
    }

    /// Which of the kinds it was.
    private func blame(
        _ error: BackendError, _ table: IptablesTable,
        _ kinds: [(name: String, words: [String], placed: PlacedRule)]
    ) throws(BackendError) {
        guard case .refused = error else { throw error }
        for kind in kinds {
            do {
                try attempt(table, [kind.words])
            } catch {
                guard case .refused(let reason, _) = error else { throw error }
                throw .refused(
                    reason:
                        "\(tables.tools.flavour.name) or the kernel lacks what \(kind.name) needs: \(reason)",
                    rule: RefusedRule(
                        location: kind.placed.location, rationale: kind.placed.rationale))
            }
        }
        throw error
    }
}
