import Addressing
import Glibc
import LinuxHost
import IptablesRules
import RuleIR
import TextSearch

/// The kernel's tables of one family, through the programs of one flavour.
struct FamilyTables {
    /// The failure of a program.
    struct Refusal {
        var status: Int32
        /// The whole error output.
        var errors: String
        /// The line that names the cause.
        var words: String

        /// Whether the cause is temporary: the lock is held, or another change came between.
        var isTemporary: Bool {
            guard !isLack else { return false }
            // RESOURCE_PROBLEM of <xtables.h>.
            return status == 4
                || ["xtables lock", "temporarily unavailable", "does a matching rule exist"]
                    .contains { words.contains(text: $0) }
        }

        /// The 1-based line of the document that the refusal names; nil if it names none.
        var line: Int? {
            // `line 7 failed`, `line 7: RULE_APPEND failed`, `Error occurred at line: 7`
            errors.split(separator: "\n").lazy.compactMap { line in
                let words = line.split(separator: " ")
                return zip(words, words.dropFirst()).lazy.compactMap { word, number in
                    word.hasSuffix("line") || word.hasSuffix("line:")
                        ? Int(number.prefix { ("0"..."9").contains($0) }) : nil
                }.first
            }.first
        }
    }

    let tools: Toolset
    private let retry: RetryPolicy

    init(_ tools: Toolset, _ retry: RetryPolicy) {
        self.tools = tools
        self.retry = retry
    }

    /// Reads our part of the tables, without creating a table.
    func state() throws(BackendError) -> FamilyState {
        FamilyState(try saved())
    }

    func saved() throws(BackendError) -> SavedText {
        var text = ""
        for table in try tables() {
            let run: ToolRun
            do throws(ToolRun.Failure) {
                run = try ToolRun(tools.save, ["-c"] + table)
            } catch {
                throw BackendError(error, of: tools.save)
            }
            // A kernel without nf_tables has no rules there.
            if run.status != 0, Refusal.isWithoutNfTables(run.errors) { continue }
            guard run.status == 0 else {
                throw .failed(
                    operation: "reading the rules with \(tools.save)",
                    reason: Self.words(run.errors))
            }
            // A truncated line can't be parsed, and the error must not blame the line.
            guard run.output.isEmpty || run.output.utf8.last == UInt8(ascii: "\n") else {
                throw cutShort
            }
            text += run.output
        }
        let saved: SavedText
        do {
            saved = try SavedText(text)
        } catch {
            throw .failed(
                operation: "reading the rules with \(tools.save)", reason: error.reason)
        }
        guard saved.isWhole else { throw cutShort }
        return saved
    }

    private var cutShort: BackendError {
        BackendError(.lost(reason: "its output is truncated"), of: tools.save)
    }

    /// Returns the arguments of each call.
    ///
    /// Legacy programs create the tables that they are asked for, so they are asked only for those
    /// that the kernel has.
    private func tables() throws(BackendError) -> [[String]] {
        switch tools.flavour {
        case .nft: return [[]]
        case .legacy:
            return try LegacyChains.tables(tools.family).map { ["-t", $0] }
        }
    }

    /// Makes the program parse the document without changing anything.
    func test(_ document: Transaction) throws(BackendError) {
        try submit(document.text, ["--test"], document.rules)
    }

    /// Loads the document; if a table fails, the tables before it stay changed.
    func load(_ document: Transaction) throws(BackendError) {
        try submit(document.text, [], document.rules)
    }

    /// Submits a document, and repeats it while the failure is temporary.
    ///
    /// The user's `wait` applies to the first attempt. If the lock was held that long, later
    /// attempts don't wait.
    func submit(
        _ text: String, _ options: [String], _ rules: [Int: PlacedRule] = [:]
    ) throws(BackendError) {
        var attempt = 1
        while true {
            let waiting = waiting(for: attempt == 1 ? retry.wait : .zero)
            guard let refusal = try run(text, waiting + options) else { return }
            if let feature = refusal.missingTable(tools) {
                throw feature.unsupported()
            }
            guard refusal.isTemporary else {
                throw .refused(
                    reason: refusal.words + Self.quotation(of: refusal.line, in: text),
                    rule: refusal.line.flatMap { rules[$0] }.map {
                        RefusedRule(location: $0.location, rationale: $0.rationale)
                    })
            }
            guard attempt <= retry.maxRetries else {
                throw .busy(attempts: attempt, reason: refusal.words + Self.lockHolder)
            }
            attempt += 1
            pause(for: retry.sleepBetweenRetries)
        }
    }

    /// The process that holds the lock of the iptables programs, as text for a message.
    private static var lockHolder: String {
        let path = unsafe getenv("XTABLES_LOCKFILE").map { unsafe String(cString: $0) }
        let holder = LockHolder.ofFile(path ?? "/run/xtables.lock")
        return holder.map { "; the lock is held by \($0.words)" } ?? ""
    }

    /// Runs the program; returns nil if it accepted the document.
    private func run(_ text: String, _ options: [String]) throws(BackendError) -> Refusal? {
        do throws(ToolRun.Failure) {
            let run = try ToolRun(
                tools.restore, ["--noflush"] + options, input: text)
            return run.status == 0
                ? nil
                : Refusal(status: run.status, errors: run.errors, words: Self.words(run.errors))
        } catch {
            throw BackendError(error, of: tools.restore)
        }
    }

    /// Returns the wait options; only the legacy programs lock, the others refuse or ignore them.
    ///
    /// The minimum is one second: without the option, or with 0, they wait forever.
    private func waiting(for wait: Duration) -> [String] {
        guard tools.flavour == .legacy else { return [] }
        let interval = Int(retry.waitInterval / .microseconds(1))
        return ["-w", "\(max(1, Int(wait / .seconds(1))))"]
            + (interval > 0 ? ["-W", "\(interval)"] : [])
    }

    /// Returns the first lines that name the cause.
    private static func words(_ errors: String) -> String {
        let lines = errors.split(separator: "\n").map(String.init).filter {
            !$0.hasPrefix("#") && !$0.hasPrefix("Try ") && !$0.hasPrefix("Ignoring deprecated")
                && !$0.trimmingSpaces.isEmpty
        }
        guard let first = lines.first else { return "no reason given" }
        // `iptables-nft-restore v1.8.9 (nf_tables):`, and the reason on the next line.
        guard first.trimmingSpaces.hasSuffix(":"), lines.count > 1 else { return first }
        return "\(first.trimmingSpaces) \(lines[1].trimmingSpaces)"
    }

    /// Returns the refused line if it is about a chain or deletes a rule.
    ///
    /// A rule that is added has a reason of its own in the message.
    private static func quotation(of number: Int?, in text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let number, lines.indices.contains(number - 1),
            !["-A ", "-I "].contains(where: lines[number - 1].hasPrefix)
        else { return "" }
        return ", '\(lines[number - 1])'"
    }
}
