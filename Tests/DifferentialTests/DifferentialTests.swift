import Rehearsal
import Testing
import TproxyTestSupport

/// Every way into the kernel does with every packet what the interpreter says.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct DifferentialTests {
    /// Of so many findings the smallest form is looked for; others are likely the same.
    private static let mostShrunk = 3

    @Test(arguments: DifferentialSeeds.all)
    func everyHostAgreesWithTheInterpreter(seed: UInt64) throws {
        try PrivateNamespace.require()
        let run = try DifferentialRun(seed: seed, count: DifferentialSeeds.count)
        try Self.report(run)
        // A run in which packets go one way only, or don't go, proves nothing.
        for host in run.hosts where run.count > 10 {
            #expect(host.landings["proxy", default: 0] > host.packets / 20)
            #expect(host.landings["destination", default: 0] > host.packets / 20)
        }
    }

    @Test(.enabled(if: !DifferentialSeeds.areGiven))
    func everyHostAgreesOnBlocksThatHoldEverything() throws {
        try PrivateNamespace.require()
        let trials = try PeculiarConfigurations.blocks.map { try Trial($0, seed: 1) }
        try Self.report(DifferentialRun(trials, seed: 1))
    }

    private static func report(_ run: DifferentialRun) throws {
        print(run.summary)
        #expect(run.disagreements.count == 0, "\(run.summary)")
        for found in run.distinctDisagreements.prefix(mostShrunk) {
            if let shrunk = try Shrinking(found)?.smallest {
                Issue.record("\(shrunk)")
            } else {
                Issue.record("only together with other packets: \(found)")
            }
        }
    }

    @Test func thereAreEnoughOfThem() {
        guard !DifferentialSeeds.areGiven else { return }
        let configurations = DifferentialSeeds.count * DifferentialSeeds.all.count
        #expect(configurations >= 200)
        #expect(configurations * Trial.packetsEach >= 20_000)
    }
}

extension DifferentialRun {
    /// One for each rule that should have decided, of the host where it is soonest tried again.
    var distinctDisagreements: [Disagreement] {
        var seen: Set<String> = []
        let ordered = HostUnderTest.allCases.flatMap { host in
            disagreements.filter { $0.host == host }
        }
        return ordered.filter { found in
            let cause =
                switch found.kind {
                case .refused(let reason): reason
                case .landed(_, let explanation):
                    explanation.decisive?.rule.rationale.reason ?? "no rule"
                }
            return seen.insert(cause).inserted
        }
    }
}
