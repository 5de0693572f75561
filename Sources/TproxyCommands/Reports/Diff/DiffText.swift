import RuleIR
import RulesetDiff
import TproxyOperations

/// What apply would change, or has changed, as text.
struct DiffText {
    private let comparison: Comparison
    private let plan: Ruleset
    private let difference: PlanDifference
    private let isVerbose: Bool
    private let isDone: Bool

    /// Creates the text; `isVerbose` adds the form in which the backend lists the rules, and
    /// `isDone` says that the changes have been made.
    init(_ comparison: Comparison, of plan: Ruleset, isVerbose: Bool, isDone: Bool = false) {
        self.comparison = comparison
        self.plan = plan
        self.isVerbose = isVerbose
        self.isDone = isDone
        difference = PlanDifference(comparison, plan)
    }

    /// What would change, in one line.
    var heading: Span {
        guard comparison.loaded != nil else {
            let name = comparison.backend.text
            return Span("\(difference.counts.planned): no rules are loaded by \(name)", .heading)
        }
        guard !comparison.isSame else {
            return Span("no changes: \(name) is up to date", .good)
        }
        let counts = difference.counts
        return Span(
            counts.isZero ? "no rule to change: \(name)" : "\(counts.planned): \(name)",
            .heading)
    }

    /// The changes of rules, after what else differs.
    func addChanges(to report: inout ReportText) {
        guard comparison.loaded != nil, !comparison.isSame else {
            addConflicts(to: &report)
            return
        }
        for line in origin { report.add(line, .doubtful) }
        if let changes = difference.changes {
            ChangeText(
                changes, of: plan,
                shownElements: isVerbose ? .max : DifferenceLines.fewElements, isDone: isDone
            ).add(to: &report)
        }
        if difference.changes == nil || isVerbose {
            if difference.changes != nil {
                report.addBlankLine()
                report.add("as \(comparison.backend.text) lists it", .heading)
            }
            add(
                DifferenceLines(
                    comparison.diff,
                    tables: comparison.planned.tables + (comparison.loaded?.rules.tables ?? []),
                    shownElements: isVerbose ? .max : DifferenceLines.fewElements
                ).lines, to: &report)
        }
        addConflicts(to: &report)
    }

    private func addConflicts(to report: inout ReportText) {
        guard !comparison.precedingRules.isEmpty else { return }
        add(["", "conflicts"] + comparison.precedingRules.map { "  ! \($0.words)" }, to: &report)
    }

    /// Adds lines, with a colour for each mark.
    private func add(_ lines: [String], to report: inout ReportText) {
        for line in lines {
            let indent = line.prefix { $0 == " " }
            guard let mark = line.dropFirst(indent.count).first, let meaning = Self.marks[mark],
                line.dropFirst(indent.count + 1).first == " "
            else {
                report.add(line, hanging: indent.count + 2)
                continue
            }
            report.add(
                [
                    Span(String(indent)), Span(String(mark), meaning),
                    Span(String(line.dropFirst(indent.count + 1))),
                ], hanging: indent.count + 6)
        }
    }

    /// The colour of each mark.
    static let marks: [Character: Span.Meaning] = [
        "+": .good, "-": .alarming, "~": .doubtful, ">": .doubtful, "!": .alarming,
    ]

    private var name: String {
        comparison.installed?.name
            ?? "rules of \(comparison.backend.text) with the names of tproxy"
    }

    /// The lines about what differs beside the rules.
    var origin: [String] {
        guard let installed = comparison.installed else {
            return [
                "tproxy's identity is missing: changed by hand or by another program"
            ]
        }
        let past = isDone ? "was" : "is"
        var lines: [String] = []
        if let irregularity = installed.irregularity {
            lines.append(irregularity.words)
        } else if !installed.isIntact {
            lines.append(
                "changed by hand since tproxy \(installed.version) loaded it; "
                    + (isDone ? "apply undid that" : "apply would undo that"))
            if comparison.diff.isEmpty {
                lines.append("the change doesn't affect the rules")
            }
        }
        if installed.version != tproxyVersion {
            lines.append("loaded by tproxy \(installed.version); this \(past) \(tproxyVersion)")
        }
        lines += comparison.hostChanges
        if installed.isIntact, difference.changes?.isEmpty == true, !comparison.diff.isEmpty {
            lines.append(
                "the rules stay the same; \(comparison.backend.text) lists them in another form")
        }
        return lines
    }
}

extension PrecedingRule {
    /// Describes the chain or program and its consequence.
    var words: String {
        switch self {
        case .chain(let chain, let ours):
            "\(chain), at priority \(chain.base?.priority ?? 0), runs before \(ours) and may decide first"
        case .rule(let rule, let table, let chain) where rule.mentionsUs:
            "'\(rule.text)' in \(table), \(chain), looks like a rule of tproxy; apply keeps it"
        case .rule(let rule, let table, let chain):
            "'\(rule.text)' in \(table), \(chain), precedes tproxy's rules"
        }
    }
}
