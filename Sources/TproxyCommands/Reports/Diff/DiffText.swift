import RuleIR
import RulesetDiff
import TproxyOperations

/// The result of `diff` as text.
struct DiffText {
    private let comparison: Comparison
    private let shownElements: Int

    init(_ comparison: Comparison, shownElements: Int = DifferenceLines.fewElements) {
        self.comparison = comparison
        self.shownElements = shownElements
    }

    var text: String {
        var lines: [String] = []
        if comparison.loaded == nil {
            lines = [nothingLoaded]
        } else if comparison.isSame {
            lines = ["as planned: \(name) (digest \(comparison.digest.prefix(12)))"]
        } else {
            lines = ["not as planned: \(name); apply would make these changes"] + origin
            lines +=
                DifferenceLines(
                    comparison.diff,
                    tables: comparison.planned.tables + (comparison.loaded?.rules.tables ?? []),
                    shownElements: shownElements
                ).lines
        }
        let preceding = comparison.precedingRules.map(\.words)
        if !preceding.isEmpty {
            lines += ["", "conflicts"] + preceding.map { "  ! \($0)" }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The text for a terminal, with a colour for each mark.
    var report: ReportText {
        var report = ReportText()
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            let indent = line.prefix { $0 == " " }
            guard let mark = line.dropFirst(indent.count).first, let meaning = Self.marks[mark],
                line.dropFirst(indent.count + 1).first == " "
            else {
                report.add(String(line), hanging: indent.count + 2)
                continue
            }
            report.add(
                [
                    Span(String(indent)), Span(String(mark), meaning),
                    Span(String(line.dropFirst(indent.count + 1))),
                ], hanging: indent.count + 6)
        }
        return report
    }

    private static let marks: [Character: Span.Meaning] = [
        "+": .good, "-": .alarming, "~": .doubtful, ">": .doubtful, "!": .alarming,
    ]

    private var name: String {
        comparison.installed?.name
            ?? "rules of \(comparison.backend.text) with the names of tproxy"
    }

    private var nothingLoaded: String {
        "no rules are loaded by \(comparison.backend.text); apply would load the whole plan"
    }

    /// The lines about whether the loaded rules are intact.
    private var origin: [String] {
        guard let installed = comparison.installed else {
            return [
                "tproxy's identity is missing: changed by hand or by another program"
            ]
        }
        var lines: [String] = []
        if let irregularity = installed.irregularity {
            lines.append(irregularity.words)
        } else if !installed.isIntact {
            lines.append("changed by hand since tproxy \(installed.version) loaded it")
            if comparison.diff.isEmpty {
                lines.append("the change doesn't affect the rules")
            }
        }
        if installed.version != tproxyVersion {
            lines.append("loaded by tproxy \(installed.version); this is \(tproxyVersion)")
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
