import IptablesRules
import RuleIR

/// Tests each kind of match and target in the kernel before anything relevant changes.
///
/// `-m NAME -h` asks only the program. A rule in a chain that nothing jumps to asks the kernel.
struct KernelProbe {
    private let tables: FamilyTables

    init(_ tables: FamilyTables) {
        self.tables = tables
    }

    /// Throws an error that names the first missing module.
    func run(_ contents: [TableContent]) throws(BackendError) {
        for content in contents {
            let kinds = Self.kinds(of: content)
            guard !kinds.isEmpty else { continue }
            do {
                try attempt(content.table, kinds.map(\.words))
            } catch {
                try throwMissingModule(error, content.table, kinds)
            }
        }
    }

    /// A rule with certain matches and a target.
    private struct Kind {
        var matches: [String]
        var target: String
        var words: [String]
        var placed: PlacedRule

        var name: String {
            (matches.map { "match \($0)" } + ["target \(target)"]).joined(separator: ", ")
        }

        /// The matches and the target, each of which may be missing.
        var extensions: [String] { matches + [target] }

        var blamed: RefusedRule {
            RefusedRule(location: placed.location, rationale: placed.rationale)
        }
    }

    /// Returns one rule for each combination of modules.
    private static func kinds(of content: TableContent) -> [Kind] {
        var seen: Set<String> = []
        var kinds: [Kind] = []
        for placed in content.hooked + content.own {
            var rule = placed.rule
            let jump = rule.target.dropFirst().first ?? ""
            // A jump to a chain needs no module.
            if jump.contains("_") { rule.target = ["-j", "RETURN"] }
            let kind = Kind(
                matches: zip(rule.arguments, rule.arguments.dropFirst()).filter { $0.0 == "-m" }
                    .map(\.1),
                target: rule.target.dropFirst().first ?? "", words: rule.arguments, placed: placed)
            guard seen.insert(kind.name).inserted else { continue }
            kinds.append(kind)
        }
        return kinds
    }

    private func attempt(
        _ table: IptablesTable, _ rules: [[String]]
    ) throws(BackendError) {
        let chain = IptablesChain.probe
        let opening = ["*\(table.rawValue)", ":\(chain) - [0:0]"]
        let lines = rules.map { RestoreText.line(["-A", chain] + $0) }
        // A refused table is unchanged, because it is changed as a whole.
        try tables.submit((opening + lines + ["COMMIT", ""]).joined(separator: "\n"), [])
        try clear([table])
    }

    /// Deletes the chain, including one that a killed process left.
    func clear(_ names: [IptablesTable]) throws(BackendError) {
        for table in names {
            // The line with a colon creates or empties the chain; then it can be deleted.
            let lines = [
                "*\(table.rawValue)", ":\(IptablesChain.probe) - [0:0]",
                "-X \(IptablesChain.probe)",
                "COMMIT", "",
            ]
            try tables.submit(lines.joined(separator: "\n"), [])
        }
    }

    /// Throws an error that names the kind that failed, and its missing module.
    private func throwMissingModule(
        _ error: BackendError, _ table: IptablesTable, _ kinds: [Kind]
    ) throws(BackendError) {
        guard case .refused = error else { throw error }
        var known: Set<String> = []
        var failed: (kind: Kind, reason: String)?
        for kind in kinds {
            do {
                try attempt(table, [kind.words])
                known.formUnion(kind.extensions)
            } catch {
                guard case .refused(let reason, _) = error else { throw error }
                failed = failed ?? (kind, reason)
            }
        }
        guard let (kind, reason) = failed else { throw error }
        throw Self.missing(kind, reason, known: known, tables.tools.flavour)
    }

    /// Returns the error for `kind`; `known` are the extensions of rules that the kernel accepted.
    private static func missing(
        _ kind: Kind, _ reason: String, known: Set<String>, _ flavour: IptablesFlavour
    ) -> BackendError {
        let suspects = kind.extensions.filter {
            !known.contains($0) && KernelFeature.iptablesExtension($0) != nil
        }
        let name =
            KernelFeature.missingExtension(in: reason)
            ?? (suspects.count == 1 ? suspects.first : nil)
        if let name, let feature = KernelFeature.iptablesExtension(name, for: flavour) {
            let rationale = kind.placed.rationale
            return feature.unsupported(
                for: "the rule '\(rationale.reason)' from \(rationale.key)")
        }
        return .refused(
            reason: "\(flavour.name) or the kernel lacks what \(kind.name) needs: \(reason)",
            rule: kind.blamed)
    }
}
