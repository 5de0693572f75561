import Addressing
import RuleIR

/// The plan for people: hook by hook, every rule with its reason and configuration key.
struct PlanText {
    /// A setting that isn't at its default.
    struct ChangedSetting {
        var path: String
        var value: String
        var origin: String
    }

    /// What the rules would be found under.
    let name: String
    let ruleset: Ruleset
    let digest: String
    /// What the user set, in the order of the schema.
    var settings: [ChangedSetting]
    /// Why `apply` would refuse, one line each.
    var refusals: [String]

    var text: String {
        var lines = heading
        for hook in [Hook.output, .prerouting] {
            lines += hookSection(hook)
        }
        for chain in ruleset.chains {
            lines += ["", "chain \(chain.name)"]
            lines += table(chain.rules, isBase: false)
        }
        lines += setsSection + aliasSection + settingsSection + refusalSection
        return lines.joined(separator: "\n") + "\n"
    }

    private var heading: [String] {
        [
            "\(name) for \(ruleset.families.map(\.displayName).joined(separator: " and "))",
            "digest \(digest)",
        ]
    }

    private func hookSection(_ hook: Hook) -> [String] {
        let title =
            switch hook {
            case .output: "OUTPUT: packets that processes of this host send"
            case .prerouting: "PREROUTING: packets that arrive on an interface"
            }
        let bases = Stage.allCases.compactMap { ruleset.baseChain($0, hook) }
        var lines = ["", title]
        if bases.isEmpty { lines.append("  no rules") }
        for base in bases {
            if !base.first.isEmpty {
                lines.append("  \(base.stage.rawValue), before other programs' rules")
                lines += table(base.first, isBase: true)
            }
            if !base.last.isEmpty {
                lines.append("  \(base.stage.rawValue), after other programs' rules")
                lines += table(base.last, isBase: true)
            }
        }
        return lines
    }

    private func table(_ rules: [Rule], isBase: Bool) -> [String] {
        let words = RuleWords(ruleset: ruleset)
        return rules.enumerated().flatMap { index, rule in
            let number = "\(index + 1)."
            return [
                "    \(number.padded(to: 4))\(words.condition(rule.matches)): "
                    + words.action(rule, isBase: isBase),
                "        \(rule.rationale.reason) [\(rule.rationale.key)]",
            ]
        }
    }

    private var setsSection: [String] {
        guard !ruleset.sets.isEmpty else { return [] }
        return ["", "sets"]
            + ruleset.sets.map { set in
                "    @\(set.name): \(set.count) \(set.count == 1 ? "member" : "members")"
            }
    }

    private var aliasSection: [String] {
        guard let alias = ruleset.loopbackAlias else { return [] }
        return ["", "address \(alias), for the proxy's hop to the application"]
    }

    private var settingsSection: [String] {
        guard !settings.isEmpty else { return ["", "configuration: all at its default"] }
        return ["", "configuration other than the default"]
            + settings.map { "    \($0.path) = \($0.value)  (\($0.origin))" }
    }

    private var refusalSection: [String] {
        guard !refusals.isEmpty else { return [] }
        return ["", "apply would refuse:"] + refusals.map { "    \($0)" }
    }
}

extension String {
    /// This text with spaces behind it, `width` characters wide; longer text stays as it is.
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
