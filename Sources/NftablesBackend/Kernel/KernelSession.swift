import FaultPoints
import Glibc
import HostChange
import RuleIR

/// A conversation with nf_tables through libnftables, in the terms of tables.
struct KernelSession: ~Copyable {
    private let context: NftablesContext
    private let retry: RetryPolicy

    init(_ retry: RetryPolicy) throws(BackendError) {
        do {
            context = try NftablesContext()
        } catch {
            throw .failed(operation: "opening libnftables", reason: error.message)
        }
        self.retry = retry
    }

    /// The table of this name; nil when there is none.
    ///
    /// No other table is looked at.
    func list(_ name: String) throws(BackendError) -> Listing? {
        let command: JSONValue = [
            "nftables": [["list": ["table": ["family": "inet", "name": .string(name)]]]]
        ]
        do {
            let text = try Jansson.text(command, .compact)
            let json = try systemCall(.tableList, failing: NftablesContext.Failure.refuse) {
                () throws(NftablesContext.Failure) in try context.run(json: text)
            }
            return try Listing(name: name, json: json)
        } catch let failure as NftablesContext.Failure {
            if failure.isAbsence { return nil }
            throw failure.asBackendError(doing: "listing the rules")
        } catch let failure as Jansson.Failure {
            throw .failed(operation: "reading the rules back", reason: failure.reason)
        } catch {
            throw .failed(operation: "listing the rules", reason: "\(error)")
        }
    }

    func delete(_ name: String) throws(BackendError) {
        let command: JSONValue = [
            "nftables": [["delete": ["table": ["family": "inet", "name": .string(name)]]]]
        ]
        try submit(command) { failure throws(BackendError) in
            // Gone is what was asked for.
            if failure.isAbsence, try list(name) == nil { return }
            throw failure.asBackendError(doing: "removing the rules")
        }
    }

    /// Puts `table` in the place of the one of its name; all or nothing.
    func replace(_ table: NftTable) throws(BackendError) {
        try submit(table.replacement) { failure throws(BackendError) in
            try explain(failure, of: table)
        }
    }

    /// Submits, and again while the reason passes; `refused` says what to make of one that doesn't.
    private func submit(
        _ commands: JSONValue,
        refused: (NftablesContext.Failure) throws(BackendError) -> Void
    ) throws(BackendError) {
        let text: String
        do {
            text = try Jansson.text(commands, .compact)
        } catch {
            throw .failed(operation: "writing the rules down", reason: error.reason)
        }
        for attempt in 0... {
            let generation = RulesetGeneration.current()
            do {
                _ = try systemCall(.tableSubmit, failing: NftablesContext.Failure.refuse) {
                    () throws(NftablesContext.Failure) in try context.run(json: text)
                }
                return
            } catch {
                let isPassing =
                    error.isPassing || generation != RulesetGeneration.current()
                guard isPassing else { return try refused(error) }
                guard attempt < retry.maxRetries else {
                    throw .busy(attempts: attempt + 1, reason: error.reason)
                }
                pause(for: retry.sleepBetweenRetries)
            }
        }
    }

    /// libnftables gives no place in JSON, but it does in text: asks it again that way.
    private func explain(
        _ failure: NftablesContext.Failure, of table: NftTable
    ) throws(BackendError) {
        let text = NftText(table)
        do {
            try context.run(text: text.text, isDryRun: true)
            // A dry run misses what the kernel finds only in the end; now for real. Should the
            // kernel take it this time, it is the plan that was asked for.
            try systemCall(.tableExplain, failing: NftablesContext.Failure.refuse) {
                () throws(NftablesContext.Failure) in
                try context.run(text: text.text, isDryRun: false)
            }
        } catch {
            let rule = error.line.flatMap { text.rules[$0] }
            if rule == nil { throw failure.asBackendError(doing: "loading the rules") }
            throw .refused(
                reason: error.reason,
                rule: rule.map { RefusedRule(location: $0.location, rationale: $0.rationale) })
        }
    }
}
