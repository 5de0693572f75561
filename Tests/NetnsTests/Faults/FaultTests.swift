import Foundation
import Rehearsal
import Testing
import TproxyTestSupport

/// A fault at any step leaves no partial change, and no false message.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FaultTests {
    /// Whether all faults are tried, as `make faults` does; that takes long.
    static let triesAll =
        ProcessInfo.processInfo.environment["TPROXY_TEST_FAULTS"] == "all"
    private static let sample = 12

    @Test(.enabled(if: !triesAll), arguments: FaultScenario.all)
    func randomFaultsLeaveNoPartialChange(scenario: FaultScenario) async throws {
        let bench = try await FaultBench(scenario)
        var generator = SeededGenerator.forTest()
        let seed = generator.seed
        let requests = bench.requests.shuffled(using: &generator).prefix(Self.sample)
        for outcome in try await Self.attempt(Array(requests), on: bench) {
            #expect(outcome.breach == nil, "seed \(seed), \(scenario.name): \(outcome)")
        }
    }

    @Test(.enabled(if: triesAll))
    func everyFaultLeavesNoPartialChange() async throws {
        var table = FaultTable()
        for scenario in FaultScenario.all {
            let bench = try await FaultBench(scenario)
            let outcomes = try await Self.attempt(bench.requests, on: bench)
            for outcome in outcomes {
                #expect(outcome.breach == nil, "\(scenario.name): \(outcome)")
            }
            table.add(scenario, outcomes)
        }
        let file = Scenario.root.appendingPathComponent("docs/faults.md")
        #expect(Golden.difference(table.text, file) == nil)
    }

    /// Two for each processor: they wait for programs most of the time.
    private static func attempt(
        _ requests: [String], on bench: FaultBench
    ) async throws -> [FaultOutcome] {
        try await withThrowingTaskGroup(of: FaultOutcome.self) { group in
            var outcomes: [FaultOutcome] = []
            for (index, request) in requests.enumerated() {
                if index >= 2 * ProcessInfo.processInfo.activeProcessorCount,
                    let outcome = try await group.next()
                {
                    outcomes.append(outcome)
                }
                group.addTask { try await bench.attempt(request) }
            }
            for try await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
    }

    /// The rules with the address were replaced, but the kernel's answer was lost.
    @Test func addressIsRemovedThoughTheKernelsAnswerIsLost() async throws {
        let scenario = try #require(
            FaultScenario.all.first { $0.name == "nft: apply IPv4 rules over both" })
        let outcome = try await FaultBench(scenario).attempt("tableSubmit:1:ENOBUFS-after")
        #expect(outcome.breach == nil, "\(outcome)")
    }

    /// As under a supervisor that lets the kernel reap its children.
    @Test func applySucceedsWithIgnoredChildSignals() async throws {
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.run(
                "sh",
                [
                    "-c",
                    "trap '' CHLD; exec \(Command.tproxy) apply --backend iptables-nft --facts -",
                ], input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
        }
    }
}
