import RuleIR
import TproxyOperations

/// The result of `remove` as JSON.
struct RemoveReport: JSONReport {
    static let schema = "tproxy.remove/1"

    struct Entry: Encodable {
        var name: String
        var digest: String
        /// The loopback address that was added for the rules.
        var loopbackAddress: String?

        init(_ installed: InstalledRuleset) {
            name = installed.name
            digest = installed.digest
            loopbackAddress = ReportedPrerequisites(installed.ownedPrerequisites).loopbackAddress
        }
    }

    /// Whether nothing was changed and the report only says what would be.
    var isDryRun: Bool
    var removed: [Entry]
    /// Addresses whose rules were already gone.
    var addressesLeft: [String]?
    /// firewalld's file that our rules were removed from.
    var unstored: String?
    /// The rules and chains of kumactl (`--kumactl`).
    var kumactl: [String]?

    init(removedFromKumactl lines: [String], isDryRun: Bool) {
        self.isDryRun = isDryRun
        removed = []
        kumactl = lines
    }

    init(_ result: RemovedRules, isDryRun: Bool) {
        self.isDryRun = isDryRun
        removed = result.removed.map(Entry.init)
        addressesLeft = result.prerequisitesLeft?.loopbackAddresses.map(\.description)
        unstored = result.unstored
    }
}

/// Prints the result of `remove`: line by line during the run, or as one document at the end.
struct RemoveReporter {
    private let form: OutputFormat

    init(_ form: OutputFormat) {
        self.form = form
    }

    func tell(_ event: RemoveEvent) {
        switch event {
        case .notices(let diagnostics): Console.report(diagnostics)
        case .nothingToRemove: say("nothing to remove")
        case .wouldRemove(let installed):
            let more = installed.ownedPrerequisites.map { " and \($0)" }.joined()
            say("would remove \(installed.name)\(more)")
        case .removed(let outcome): say(outcome.summary)
        case .undone(let prerequisite): say("removed \(prerequisite)")
        case .prerequisiteLeft(let prerequisite, let isUndone):
            say("\(isUndone ? "removed" : "would remove") \(prerequisite), left by removed rules")
        case .wouldUnstore(let count, let path):
            say("would remove \(count) elements from \(path)")
        case .unstored(let outcome, let path):
            say(FirewalldSummary.removed(outcome, from: path))
        }
    }

    /// Prints the JSON document after the run.
    func finish(_ report: RemoveReport) throws {
        switch form {
        case .text: return
        case .json: try Console.document(report)
        }
    }

    /// Prints a line at once, in text form.
    func say(_ text: String) {
        switch form {
        case .text: Console.result(ReportText(text))
        case .json: return
        }
    }
}

extension RemoveOutcome {
    /// Describes what was removed, in one or two lines.
    var summary: String {
        switch self {
        case .nothingInstalled: "nothing to remove"
        case .removed(let installed, let undone):
            "removed \(installed.name)" + undone.map { "\nremoved \($0)" }.joined()
        }
    }
}
