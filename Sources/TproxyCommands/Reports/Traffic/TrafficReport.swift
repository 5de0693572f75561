import RuleIR
import RuleTrace
import TproxyOperations

/// The packets that are treated differently, in every report that has them.
struct TrafficReport: Encodable {
    struct Change: Encodable {
        /// The packets in the grammar of assertions; of a long list, the first values.
        var pattern: String
        var before: String
        var after: String
        /// `new`, `established` or `invalid`.
        var states: [String]
        var packets: RegionReport
        /// A packet of the pattern, in the form that `--packets` reads.
        var example: PacketLine.Fields
    }

    /// The number of changes that are printed.
    private static let shown = 8
    /// The number of values of a list that are printed.
    private static let shownValues = 4
    private static let title = "traffic that changes"

    /// Whether the packets could be compared.
    var isKnown: Bool
    /// The changes, the most general first.
    var changes: [Change]
    /// Rules that can't be evaluated; the changes are wrong for packets that one of them matches.
    var doubts: [String]

    /// Creates the report; nil means that the packets are too many to compare.
    init(_ traffic: TrafficChanges?) {
        let printer = PatternText(limit: Self.shownValues)
        isKnown = traffic != nil
        changes = (traffic?.changes ?? []).map { change in
            Change(
                pattern: printer.text(change.pattern),
                before: printer.text(change.before, of: change.pattern),
                after: printer.text(change.after, of: change.pattern),
                states: change.pattern.states.map(\.rawValue),
                packets: RegionReport(change.pattern),
                example: PacketLine.Fields(change.example))
        }
        doubts = (traffic?.doubts ?? []).map(\.place)
    }

    /// Adds one line for a host without rules, where every redirection is a change.
    func addForEmptyHost(to report: inout ReportText) {
        guard isKnown, !changes.isEmpty else { return add(to: &report) }
        report.addBlankLine()
        report.add([
            Span("\(Self.title): ", .heading),
            Span("all that the summary says is redirected; --full lists it"),
        ])
    }

    /// Adds the section to a report, after a blank line.
    func add(to report: inout ReportText) {
        report.addBlankLine()
        guard isKnown else {
            report.add("\(Self.title): unknown; the rules divide packets into too many classes")
            return
        }
        if changes.isEmpty {
            report.add(doubts.isEmpty ? "no packet is treated differently" : Self.noneInDoubt)
        } else {
            report.add(Self.title, .heading)
        }
        for change in changes.prefix(Self.shown) {
            report.add(
                "  \(change.pattern): \(change.before) → \(change.after)", hanging: 6)
            report.add("      such as \(change.example.text)", .aside, hanging: 8)
        }
        let rest = changes.count - min(changes.count, Self.shown)
        if rest > 0 { report.add("  and \(rest) more; --output json lists them") }
        guard !doubts.isEmpty else { return }
        report.add("  wrong for packets that match a rule of unknown effect:", .doubtful)
        for place in doubts.prefix(Self.shown) { report.add("      \(place)") }
    }

    private static let noneInDoubt = "no packet is treated differently, as far as is known"
}
