import Addressing
import Diagnostics
import RuleIR
import TproxyOperations

/// The result of `apply` as JSON.
struct ApplyReport: JSONReport {
    static let schema = "tproxy.apply/1"

    /// `installed`, `replaced` or `unchanged`.
    var outcome: String
    var name: String
    var version: String
    var digest: String
    var families: [String]
    /// The number of rules in the plan.
    var rules: Int
    var sets: Int
    var loopbackAddress: String?
    /// `libnftables` or `netlink`; absent for iptables.
    var submission: Submission?
    /// The number of open connections for which a conntrack entry was made.
    var keptConnections: Int
    /// The backends whose rules were removed.
    var left: [String]
    /// The file from which firewalld will load the rules.
    var stored: String?
    /// The deadline for `confirm`; absent without `--confirm`, and if nothing was changed.
    var confirmation: ConfirmationReport?

    init(_ applied: AppliedPlan) {
        outcome = applied.outcome.change.rawValue
        let installed = applied.installed
        name = installed.name
        version = installed.version
        digest = installed.digest
        families = applied.ruleset.families.map(\.rawValue)
        rules = applied.ruleset.locatedRules.count
        sets = applied.ruleset.sets.count
        loopbackAddress = ReportedPrerequisites(installed.ownedPrerequisites).loopbackAddress
        submission = installed.submission
        keptConnections = applied.keptConnections
        left = applied.left.map(\.text)
        stored = applied.stored
        confirmation = applied.pending.map { ConfirmationReport($0) }
    }
}

/// Prints the result of `apply`: line by line during the run, or in one line or document at the end.
struct ApplyReporter {
    /// What kumactl prints at the end.
    static let completion = "# transparent proxy setup completed successfully"

    private let form: OutputFormat
    /// Whether one line is the whole result.
    let isOneLine: Bool

    init(_ form: OutputFormat, isOneLine: Bool) {
        self.form = form
        self.isOneLine = isOneLine
    }

    func tell(_ event: ApplyEvent) {
        switch event {
        case .notices(let diagnostics):
            // The proxy of a pod starts after the init container.
            Console.report(
                Console.isInContainer
                    ? diagnostics.filter { $0.id != "no-listener" } : diagnostics)
        case .loaded(let outcome, let ruleset, let comparison, let count):
            say(
                ApplySummary(
                    outcome: outcome, ruleset: ruleset, comparison: comparison,
                    keptConnections: count
                ).report)
        case .guarded(let pending): say(pending.words)
        case .left(let outcome): say(outcome.summary)
        case .undone(let prerequisite): say("removed \(prerequisite)")
        case .stored(let outcome, let emission, let path):
            say(FirewalldSummary.stored(outcome, emission, in: path))
        }
    }

    /// Prints the JSON document or the line after the run.
    func finish(_ applied: AppliedPlan) throws {
        switch form {
        case .text:
            guard isOneLine else { return }
            let summary = ApplySummary(
                outcome: applied.outcome, ruleset: applied.ruleset,
                keptConnections: applied.keptConnections)
            let parts =
                summary.text.split(separator: "\n").map(String.init)
                + applied.left.map { "removed the rules of \($0.text)" }
                + (applied.stored.map { ["stored the rules in \($0)"] } ?? [])
            Console.result("\(Self.completion): \(parts.joined(separator: "; "))")
        case .json: try Console.document(ApplyReport(applied))
        }
    }

    /// Prints a line at once, in text form.
    private func say(_ text: String) {
        say(ReportText(text))
    }

    private func say(_ report: ReportText) {
        switch form {
        case .text: if !isOneLine { Console.result(report) }
        case .json: return
        }
    }
}

/// The result of `apply` as text: what it did.
struct ApplySummary {
    var outcome: ApplyOutcome
    var ruleset: Ruleset
    /// The rules that were loaded before, compared with these; nil if there were none.
    var comparison: Comparison?
    /// Open connections for which a conntrack entry was made.
    var keptConnections = 0

    var text: String {
        let installed = outcome.installed
        return switch outcome.change {
        case .installed: describe("installed", installed)
        case .replaced: describe("replaced", installed)
        case .unchanged:
            "unchanged: \(installed.name) already holds these rules (digest \(short(installed)))"
                + added
        }
    }

    /// The text, and the changes of rules that were loaded.
    var report: ReportText {
        var report = ReportText(text)
        guard outcome.change == .replaced, let comparison else { return report }
        DiffText(comparison, of: ruleset, isVerbose: false, isDone: true)
            .addChanges(to: &report)
        return report
    }

    private var counts: String {
        guard outcome.change == .replaced, let comparison else { return "" }
        let counts = PlanDifference(comparison, ruleset).counts
        return counts.isZero ? "" : "\(counts.done); "
    }

    private func describe(_ verb: String, _ installed: InstalledRuleset) -> String {
        let families = ruleset.families.map(\.displayName).joined(separator: " and ")
        var text =
            "\(verb) \(installed.name): \(counts)\(ruleset.locatedRules.count) rules and"
            + " \(ruleset.sets.count) \(ruleset.sets.count == 1 ? "set" : "sets") for \(families) (digest \(short(installed)))"
        text += added
        if keptConnections > 0 {
            text +=
                "\nkept \(keptConnections) open"
                + " \(keptConnections == 1 ? "connection" : "connections"), bypassing the proxy"
        }
        return text
    }

    /// The prerequisites that were missing before this run.
    private var added: String {
        outcome.made.map { "\nadded \($0)" }.joined()
    }

    private func short(_ installed: InstalledRuleset) -> String {
        String(installed.digest.prefix(12))
    }
}
