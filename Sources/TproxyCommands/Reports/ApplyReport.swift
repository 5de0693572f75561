import Addressing
import RuleIR

/// What `apply` did, for programs.
struct ApplyReport: JSONReport {
    static let schema = "tproxy.apply/1"

    /// `installed`, `replaced` or `unchanged`.
    var outcome: String
    var name: String
    var version: String
    var digest: String
    var families: [String]
    /// How many rules of the plan there are, and how many sets.
    var rules: Int
    var sets: Int
    var loopbackAddress: String?
    /// `libnftables` or `netlink`; absent for iptables.
    var submission: Submission?
    /// How many open connections conntrack was told of, so that they go on.
    var keptConnections: Int
    /// The backends whose rules gave way.
    var left: [String] = []
    /// The file that firewalld will load the rules from.
    var stored: String?

    init(_ outcome: ApplyOutcome, of ruleset: Ruleset, keptConnections: Int) {
        let installed: InstalledRuleset
        switch outcome {
        case .installed(let found): (self.outcome, installed) = ("installed", found)
        case .replaced(let found): (self.outcome, installed) = ("replaced", found)
        case .unchanged(let found): (self.outcome, installed) = ("unchanged", found)
        }
        name = installed.name
        version = installed.version
        digest = installed.digest
        families = ruleset.families.map(\.rawValue)
        rules = ruleset.locatedRules.count
        sets = ruleset.sets.count
        self.keptConnections = keptConnections
        loopbackAddress = installed.ownedAlias.map(\.description)
        submission = installed.submission
    }
}

/// Says what `apply` does: line by line as it is done, or all of it as one document.
struct ApplyReporter {
    private let form: OutputForm

    init(_ form: OutputForm) {
        self.form = form
    }

    /// For people, at once.
    func say(_ text: String) {
        switch form {
        case .text: Console.result(ReportText(text))
        case .json: return
        }
    }

    /// For programs, when all is done.
    func finish(_ report: ApplyReport) throws {
        switch form {
        case .text: return
        case .json: Console.document(try JSONText.of(report))
        }
    }
}
