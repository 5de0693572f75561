import Diagnostics
import HostFacts
import RuleIR
import Testing
import TproxyConfig

@testable import TproxyOperations

/// Moves from one backend to another, as any program does them.
@Suite struct BackendMoveTests {
    private let journal = Journal()
    private let plan = Plan(TproxyConfig(), on: HostFacts(), instance: .mesh)

    private func move(
        from old: MemoryBackend, to new: MemoryBackend, isAsked: Bool
    ) throws -> (BackendMove, () throws(OperationFailure) -> AppliedPlan) {
        let selection = BackendSelection(retry: RetryPolicy(), backends: [new, old])
        let move = try BackendMove(to: new, of: .mesh, selection, isAsked: isAsked)
        let loading = RulesLoading(plan.ruleset, new, selection, move.openConnections)
        return (
            move,
            { [journal] () throws(OperationFailure) in
                try move.run({ journal.add(Self.words($0)) }) { () throws(OperationFailure) in
                    try loading.run { journal.add(Self.words($0)) }
                }
            }
        )
    }

    private static func words(_ event: ApplyEvent) -> String {
        switch event {
        case .notices(let diagnostics): diagnostics.map(\.id).joined(separator: " ")
        case .guarded: "guarded"
        case .loaded: "loaded"
        case .left: "left"
        case .undone: "undone"
        case .stored: "stored"
        }
    }

    @Test func moveWithoutARequestIsRefused() throws {
        let old = MemoryBackend("old", journal, loaded: "former")
        let failure = #expect(throws: OperationFailure.self) {
            try move(from: old, to: MemoryBackend("new", journal), isAsked: false)
        }
        #expect(failure?.diagnostics.map(\.id) == ["other-backend"])
        #expect(journal.all.isEmpty)
    }

    @Test func newRulesAreLoadedBeforeTheOldOnesAreRemoved() throws {
        let old = MemoryBackend("old", journal, loaded: "former")
        let (move, run) = try move(
            from: old, to: MemoryBackend("new", journal), isAsked: true)
        #expect(move.notices.isEmpty)
        let applied = try run()
        #expect(journal.all == ["new apply", "loaded", "old remove", "left"])
        #expect(applied.left == [old.name])
        #expect(try old.installed(.mesh) == nil)
    }

    @Test func interruptedMoveIsFinishedAndReported() throws {
        let old = MemoryBackend("old", journal, loaded: "former")
        let new = MemoryBackend("new", journal, loaded: "planned")
        let (move, run) = try move(from: old, to: new, isAsked: false)
        #expect(move.notices.map(\.id) == ["interrupted-move"])
        #expect(try run().left == [old.name])
        #expect(try old.installed(.mesh) == nil)
    }

    @Test func oldRulesStayIfTheNewOnesAreRefused() throws {
        let old = MemoryBackend("old", journal, loaded: "former")
        let (_, run) = try move(
            from: old, to: MemoryBackend("new", journal, failing: "apply"), isAsked: true)
        let failure = #expect(throws: OperationFailure.self) { try run() }
        #expect(failure?.diagnostics.map(\.id) == ["failed"])
        #expect(
            failure?.diagnostics.first?.notes == ["nothing was changed: no rules are loaded"])
        #expect(journal.all == ["new apply"])
        #expect(try old.installed(.mesh)?.digest == "former")
    }

    @Test func failedRemovalNamesWhatIsLoaded() throws {
        let old = MemoryBackend("old", journal, loaded: "former", failing: "remove")
        let (_, run) = try move(
            from: old, to: MemoryBackend("new", journal), isAsked: true)
        let failure = #expect(throws: OperationFailure.self) { try run() }
        #expect(failure?.diagnostics.first?.notes.first?.contains("those of old") == true)
        #expect(journal.all == ["new apply", "loaded", "old remove"])
    }

    @Test func rulesThatOutliveTheirRemovalAreAnError() throws {
        let old = MemoryBackend("old", journal, loaded: "former", keepsRules: true)
        let (_, run) = try move(
            from: old, to: MemoryBackend("new", journal), isAsked: true)
        let failure = #expect(throws: OperationFailure.self) { try run() }
        #expect(failure?.diagnostics.map(\.id) == ["still-loaded"])
        // Events before the failure were reported.
        #expect(journal.all.last == "left")
    }
}
