import Review
import RuleIR
import RulesetDiff
import TproxyOperations

extension Review.Comparison {
    /// The number of elements of a set that are listed.
    private static let shownElements = 20

    /// Creates the comparison for the review page.
    init(_ comparison: TproxyOperations.Comparison, of plan: Ruleset) {
        let report = DiffReport(comparison, of: plan)
        let changes =
            report.isLoaded
            ? report.chains.flatMap(Self.changes) + report.sets.map(Self.change) : []
        self.init(
            summary: Self.summary(of: report),
            changes: changes
                + report.precedingRules.map {
                    Review.Comparison.Change(kind: "conflict", place: "", text: $0)
                })
    }

    private static func summary(of report: DiffReport) -> String {
        guard report.isLoaded else {
            return "No rules are loaded by \(report.backend); apply would load all of these."
        }
        let name = report.loaded?.name ?? "rules of \(report.backend) with the names of tproxy"
        guard !report.same else {
            return "As planned: \(name) has these rules, and apply would change nothing."
        }
        let history =
            switch report.loaded {
            case nil: "; without tproxy's identity"
            case let loaded? where !loaded.intact: "; changed by hand since it was applied"
            case let loaded?: ", loaded by tproxy \(loaded.version)"
            }
        return "Not as planned: \(name)\(history). Apply would make these changes."
    }

    private static func changes(_ chain: DiffReport.ChainChange) -> [Change] {
        let name = "chain \(chain.chain) (\(chain.table))"
        var changes: [Change] = []
        if chain.change != "kept" {
            changes.append(Change(kind: chain.change, place: name, text: "the whole chain"))
        }
        if let place = chain.loadedPlace {
            changes.append(
                Change(
                    kind: "changed", place: name,
                    text: "now on \(place.hook) at priority \(place.priority)"))
        }
        return changes
            + chain.rules.map { rule in
                Change(
                    kind: rule.change, place: "\(name), rule \(rule.number)",
                    text: words(rule.rule) + (rule.loaded.map { "; now \(words($0))" } ?? "")
                        + (rule.from.map { "; now rule \($0)" } ?? ""))
            }
    }

    private static func words(_ rule: DiffReport.Rule) -> String {
        rule.condition + (rule.action.map { ": \($0)" } ?? "")
            + (rule.reason.isEmpty ? "" : " (\(rule.reason))")
    }

    private static func change(_ set: DiffReport.SetChange) -> Change {
        let parts = [("add", set.added), ("remove", set.removed)].filter { !$0.1.isEmpty }
        return Change(
            kind: set.change == "kept" ? "changed" : set.change,
            place: "set @\(set.set) (\(set.table))",
            text: parts.map { "\($0.0) \(list($0.1))" }.joined(separator: "; "))
    }

    private static func list(_ elements: [String]) -> String {
        let rest = elements.count - min(elements.count, shownElements)
        let more = rest > 0 ? " and \(rest) more" : ""
        return elements.prefix(shownElements).joined(separator: ", ") + more
    }
}
