import Addressing
import Diagnostics
import Review
import RuleIR
import TproxyConfig
import TproxyOperations

/// The plan as text: what would change, the plan in words, the changes, and every rule on request.
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
    /// The distance of segments from the priority of their stage; nil with eBPF.
    private let segmentOffset: Int?
    /// The settings of the user, in the order of the schema.
    var settings: [ChangedSetting]
    /// The reasons why `apply` would refuse, one line each.
    var refusals: [String]
    /// The plan in words.
    let summary: ReviewSummary
    private let state: PlanState
    private let isVerbose: Bool

    /// Creates the text; `state` has the loaded rules of the plan's host.
    init(_ plan: Plan, _ choice: BackendChoice, _ state: PlanState) throws {
        self.state = state
        isVerbose = plan.config.verbose.value
        summary = ReviewSummary(plan.ruleset)
        (name, digest) = try plan.identity(for: choice)
        ruleset = choice.placement.evaluated(of: plan.ruleset)
        segmentOffset = choice.placement.segmentOffset
        settings = EffectiveConfiguration(plan.config).changedRows(itemLimit: 4).map {
            ChangedSetting(path: $0.path, value: $0.value, origin: $0.origin.description)
        }
        refusals = plan.refusals(for: choice).map(\.message)
    }

    /// What would change, in one line, and what the plan does, in words.
    var head: ReportText {
        var report = ReportText()
        switch state {
        case .known(let comparison): report.add(diffText(comparison).heading)
        case .unknown(let reason):
            let counts = ChangeCounts.all(of: ruleset)
            report.add([
                Span("\(counts.planned): \(name)", .heading),
                Span(", planned for an empty host: \(reason)"),
            ])
        }
        for sentence in summary.lines { report.add(sentence) }
        addRefusals(to: &report)
        return report
    }

    /// The changes of rules; empty if there are none, or if nothing is loaded.
    var changes: ReportText {
        var report = ReportText()
        switch state {
        case .known(let comparison): diffText(comparison).addChanges(to: &report)
        case .unknown: break
        }
        return report
    }

    /// A hint at what isn't shown, for a plan of which no rule is.
    var hint: ReportText {
        var report = ReportText()
        report.addBlankLine()
        report.add("--full lists every rule with its reason.", .aside)
        return report
    }

    /// Every rule, by hook, with its reason and key.
    var rules: ReportText {
        var report = ReportText()
        report.addBlankLine()
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
        return report
    }

    private func diffText(_ comparison: Comparison) -> DiffText {
        DiffText(comparison, of: ruleset, isVerbose: isVerbose)
    }

    private func addHeading(to report: inout ReportText) {
        let families = ruleset.families.map(\.displayName).joined(separator: " and ")
        report.add([Span(name, .heading), Span(" for \(families)")])
        report.add("digest \(digest)")
    }

    private func add(_ hook: Hook, to report: inout ReportText) {
        let title =
            switch hook {
            case .output where segmentOffset == nil:
                "OUTPUT: connections and datagrams of processes of this host"
            case .output: "OUTPUT: packets that processes of this host send"
            case .prerouting where segmentOffset == nil:
                "PREROUTING: connections that arrive at this host"
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

    /// Adds each rule with its number, and its reason below; a rule and its twin are one line.
    private func add(_ rules: [Rule], isBase: Bool, to report: inout ReportText) {
        let words = RuleMessages(ruleset: ruleset)
        let lines = rules.withTwinsTogether
        let labels = lines.map { ChangeText.label($0.map { $0 + 1 }) }
        let width = max(4, (labels.map(\.utf8.count).max() ?? 0) + 1)
        let indent = String(repeating: " ", count: 4 + width)
        for (line, label) in zip(lines, labels) {
            let rule = rules[line.lowerBound]
            report.add(
                [
                    Span("    \(label.padded(to: width))\(words.condition(of: rules[line])): "),
                    words.action(rule, isBase: isBase),
                ], hanging: indent.count)
            report.add(
                "\(indent)\(rule.rationale.reason) [\(rule.rationale.key)]", .aside,
                hanging: indent.count)
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
