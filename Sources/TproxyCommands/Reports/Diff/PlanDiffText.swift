import RuleIR
import TproxyOperations

/// The result of `diff --from --to` as text.
struct PlanDiffText {
    private let comparison: PlanComparison
    private let names: (from: String, to: String)
    private let shownElements: Int

    init(_ comparison: PlanComparison, names: (from: String, to: String), shownElements: Int) {
        self.comparison = comparison
        self.names = names
        self.shownElements = shownElements
    }

    /// The rules that differ, and the packets that are treated differently.
    var report: ReportText {
        let digest = comparison.digest.prefix(12)
        let title =
            comparison.isSame
            ? "the rules of \(names.from) and \(names.to) are the same (digest \(digest))"
            : "from \(names.from) to \(names.to), the rules of \(comparison.backend.text) change"
        let lines = DifferenceLines(
            comparison.diff, tables: comparison.former.tables + comparison.planned.tables,
            shownElements: shownElements
        ).lines
        var report = ReportText(([title] + lines).joined(separator: "\n"))
        TrafficReport(comparison.traffic).add(to: &report)
        return report
    }
}
