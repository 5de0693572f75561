import Addressing
import Glibc
import HostChange
import HostPrograms
import IptablesRules
import RuleIR

/// One family's tables in the kernel, through the programs of one flavour.
struct FamilyTables {
    /// What a program said instead of doing it.
    struct Refusal {
        var status: Int32
        /// All of it.
        var errors: String
        /// The line that says what is wrong.
        var words: String

        /// The lock is taken, or somebody's change came between.
        var isPassing: Bool {
            // RESOURCE_PROBLEM of <xtables.h>.
            status == 4
                || ["xtables lock", "temporarily unavailable", "does a matching rule exist"]
                    .contains(where: words.contains)
        }

        /// The 1-based line of the document that it is about.
        var line: Int? {
            // `line 7 failed`, `line 7: RULE_APPEND failed`, `Error occurred at line: 7`
            errors.matches(of: /line:? ([0-9]+)/).first.flatMap { Int($0.1) }
        }
    }

    let tools: Toolset
    private let retry: RetryPolicy

    init(_ tools: Toolset, _ retry: RetryPolicy) {
        self.tools = tools
        self.retry = retry
    }

    /// What the tables hold of ours; looking makes no table.
    func state() throws(BackendError) -> FamilyState {
        FamilyState(try saved())
    }

    func saved() throws(BackendError) -> SavedText {
        var text = ""
        for table in try tables() {
            let run: ToolRun
            do throws(ToolRun.NotStarted) {
                run = try ToolRun(tools.save, ["-c"] + table)
            } catch {
                throw Self.missing(tools.save, error.reason)
            }
            guard run.status == 0 else {
                throw .failed(
                    operation: "reading the rules with \(tools.save)",
                    reason: Self.words(run.errors))
            }
            text += run.output
        }
        do {
            return try SavedText(text)
        } catch {
            throw .failed(
                operation: "reading the rules with \(tools.save)", reason: error.reason)
        }
    }

    /// The arguments of each call: legacy programs make the tables that they are asked about, and so
    /// are asked only about those that the kernel has.
    private func tables() throws(BackendError) -> [[String]] {
        switch tools.flavour {
        case .nft: return [[]]
        case .legacy:
            let name = tools.family == .ipv4 ? "ip_tables_names" : "ip6_tables_names"
            let present = LockHolder.contents(of: "/proc/thread-self/net/\(name)") ?? ""
            return present.split(separator: "\n").sorted().map { ["-t", String($0)] }
        }
    }

    /// Lets the program read the document, and change nothing.
    func test(_ document: Transaction) throws(BackendError) {
        try submit(document.text, ["--test"], document.rules)
    }

    /// Loads the document; the tables of it that come first stay changed if a later one fails.
    func load(_ document: Transaction) throws(BackendError) {
        try submit(document.text, [], document.rules)
    }

    /// Loads a document; again while the reason passes.
    func submit(
        _ text: String, _ options: [String], _ rules: [Int: PlacedRule] = [:]
    ) throws(BackendError) {
        var attempt = 1
        while true {
            guard let refusal = try run(text, options) else { return }
            guard refusal.isPassing else {
                throw .refused(
                    reason: refusal.words,
                    rule: refusal.line.flatMap { rules[$0] }.map {
                        RefusedRule(location: $0.location, rationale: $0.rationale)
                    })
            }
            guard attempt <= retry.maxRetries else {
                let holder = LockHolder.describe().map { "; \($0) holds the lock" } ?? ""
                throw .busy(attempts: attempt, reason: refusal.words + holder)
            }
            attempt += 1
            pause(for: retry.sleepBetweenRetries)
        }
    }

    /// Nil when the document was taken.
    private func run(_ text: String, _ options: [String]) throws(BackendError) -> Refusal? {
        do throws(ToolRun.NotStarted) {
            let run = try ToolRun(
                tools.restore, ["--noflush"] + waiting + options, input: text)
            return run.status == 0
                ? nil
                : Refusal(status: run.status, errors: run.errors, words: Self.words(run.errors))
        } catch {
            throw Self.missing(tools.restore, error.reason)
        }
    }

    /// Only the legacy programs wait for each other; the others refuse or ignore these options.
    private var waiting: [String] {
        guard tools.flavour == .legacy, retry.wait > .zero else { return [] }
        let interval = Int(retry.waitInterval / .microseconds(1))
        return ["-w", "\(Int(retry.wait / .seconds(1)))"]
            + (interval > 0 ? ["-W", "\(interval)"] : [])
    }

    private static func missing(_ program: String, _ reason: String) -> BackendError {
        .unsupported(
            feature: "iptables: '\(program)' can't be started: \(reason)",
            remedy: "install iptables, or use --backend nft")
    }

    /// The first line that says what is wrong, without the program's name.
    private static func words(_ errors: String) -> String {
        let lines = errors.split(separator: "\n").map(String.init)
        let line =
            lines.first { !$0.hasPrefix("#") && !$0.hasPrefix("Try ") && !$0.isEmpty }
            ?? "no reason given"
        return line
    }
}
