import Addressing
import Diagnostics
import Review
import RuleIR
import TproxyConfig
import TproxyOperations

/// The plan as text: by hook, every rule with its reason and configuration key.
struct PlanText {
    /// A setting that differs from its default.
    struct ChangedSetting {
        var path: String
        var value: String
        var origin: String
    }

    /// The name of the loaded rules.
    let name: String
    let ruleset: Ruleset
    let digest: String
    /// The distance of segments from the priority of their stage.
    private let segmentOffset: Int
    /// The settings of the user, in the order of the schema.
    var settings: [ChangedSetting]
    /// The reasons why `apply` would refuse, one line each.
    var refusals: [String]

    init(_ plan: Plan, _ choice: BackendChoice) throws {
        (name, digest) = try plan.identity(for: choice)
        ruleset = plan.ruleset
        segmentOffset = choice.placement.segmentOffset
        settings = EffectiveConfiguration(plan.config).changedRows(itemLimit: 4).map {
            ChangedSetting(path: $0.path, value: $0.value, origin: $0.origin.description)
        }
        refusals = plan.refusals(for: choice).map(\.message)
    }

    var text: ReportText {
        var report = ReportText()
        addHeading(to: &report)
        for hook in [Hook.output, .prerouting] {
            add(hook, to: &report)
        }
        for chain in ruleset.chains {
            report.addBlankLine()
            report.add("chain \(chain.name)", .heading)
            add(chain.rules, isBase: false, to: &report)
        }
        addSets(to: &report)
        addPrerequisites(to: &report)
        addSettings(to: &report)
        addRefusals(to: &report)
        return report
    }

    private func addHeading(to report: inout ReportText) {
        let families = ruleset.families.map(\.displayName).joined(separator: " and ")
        report.add([Span(name, .heading), Span(" for \(families)")])
        report.add("digest \(digest)")
    }

    private func add(_ hook: Hook, to report: inout ReportText) {
        let title =
            switch hook {
            case .output: "OUTPUT: packets that processes of this host send"
            case .prerouting: "PREROUTING: packets that arrive on an interface"
            }
        let bases = Stage.allCases.compactMap { ruleset.baseChain($0, hook) }
        report.addBlankLine()
        report.add(title, .heading)
        if bases.isEmpty { report.add("  no rules") }
        for base in bases {
            for segment in FlowSegment.segments(of: base, offset: segmentOffset) {
                report.add("  \(segment.title)")
                add(
                    segment.part == .first ? base.first : base.last, isBase: true, to: &report)
            }
        }
    }

    /// Adds each rule with its number, and its reason below.
    private func add(_ rules: [Rule], isBase: Bool, to report: inout ReportText) {
        let words = RuleMessages(ruleset: ruleset)
        for (index, rule) in rules.enumerated() {
            let number = "\(index + 1)."
            report.add(
                [
                    Span("    \(number.padded(to: 4))\(words.condition(rule.matches)): "),
                    words.action(rule, isBase: isBase),
                ], hanging: 8)
            report.add(
                "        \(rule.rationale.reason) [\(rule.rationale.key)]", .aside, hanging: 8)
        }
    }

    private func addSets(to report: inout ReportText) {
        guard !ruleset.sets.isEmpty else { return }
        report.addBlankLine()
        report.add("sets", .heading)
        for set in ruleset.sets {
            report.add("    @\(set.name): \(set.count) \(set.count == 1 ? "element" : "elements")")
        }
    }

    private func addPrerequisites(to report: inout ReportText) {
        guard !ruleset.prerequisites.isEmpty else { return }
        report.addBlankLine()
        for prerequisite in ruleset.prerequisites {
            switch prerequisite {
            case .address(let address):
                report.add("address \(address), for the proxy's connection to the application")
            }
        }
    }

    private func addSettings(to report: inout ReportText) {
        report.addBlankLine()
        guard !settings.isEmpty else {
            report.add("configuration: all defaults")
            return
        }
        report.add("non-default configuration", .heading)
        for setting in settings {
            report.add(
                [
                    Span("    \(setting.path) = \(setting.value)  "),
                    Span("(\(setting.origin))", .aside),
                ], hanging: 8)
        }
    }

    private func addRefusals(to report: inout ReportText) {
        guard !refusals.isEmpty else { return }
        report.addBlankLine()
        report.add("apply would refuse:", .alarming)
        for refusal in refusals { report.add("    \(refusal)", hanging: 8) }
    }
}
