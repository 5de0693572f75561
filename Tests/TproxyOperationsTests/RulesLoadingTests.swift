import HostFacts
import RuleIR
import Testing
import TproxyConfig

@testable import TproxyOperations

/// Loads that replace rules.
@Suite struct RulesLoadingTests {
    private let journal = Journal()
    private let ruleset = Plan(TproxyConfig(), on: HostFacts(), instance: .mesh).ruleset

    private func load(with backend: any Backend) throws -> AppliedPlan {
        let selection = BackendSelection(retry: RetryPolicy(), backends: [backend])
        return try RulesLoading(ruleset, backend, selection, nil).run { [journal] event in
            switch event {
            case .loaded(let outcome, _, let comparison, _):
                let digest = comparison.map { " by \($0.digest)" } ?? ""
                journal.add(outcome.change == .replaced ? "replaced\(digest)" : "new")
            case .notices, .guarded, .left, .undone, .stored: break
            }
        }
    }

    @Test func changeIsReportedWithTheDifference() throws {
        let backend = ListingMemoryBackend(
            base: MemoryBackend("one", journal, loaded: "former"))
        #expect(try load(with: backend).installed.digest == "planned")
        #expect(journal.all == ["one list", "one apply", "replaced by planned"])
    }

    @Test func backendThatCannotListReplacesWithoutADifference() throws {
        let backend = MemoryBackend("one", journal, loaded: "former")
        #expect(try load(with: backend).installed.digest == "planned")
        #expect(journal.all == ["one apply", "replaced"])
    }

    @Test func firstLoadListsNothing() throws {
        let backend = ListingMemoryBackend(base: MemoryBackend("one", journal))
        _ = try load(with: backend)
        #expect(journal.all == ["one apply", "new"])
    }

    @Test func comparisonWithoutAListerIsRefused() throws {
        let backend = MemoryBackend("one", journal, loaded: "former")
        let failure = #expect(throws: OperationFailure.self) {
            try Comparison(ruleset, digest: "planned", backend)
        }
        #expect(failure?.diagnostics.map(\.id) == ["cannot-list"])
    }
}
