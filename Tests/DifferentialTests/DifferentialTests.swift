import Rehearsal
import Testing
import TproxyTestSupport

/// However the rules are loaded, the kernel treats every packet as the interpreter says.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct DifferentialTests {
    /// How many findings are shrunk; others are likely the same.
    private static let mostShrunk = 3

    /// The settings that eBPF refuses.
    private static let unknownToSockets: Set<String> = [
        "log.enabled", "dropInvalidPackets", "redirect.vnet.networks",
    ]

    @Test(arguments: DifferentialSeeds.all)
    func everyHostTreatsPacketsAsTheInterpreterSays(seed: UInt64) throws {
        try PrivateNamespace.require()
        let run = try DifferentialRun(seed: seed, count: DifferentialSeeds.count)
        try Self.report(run)
        #expect(Set(run.hosts.map(\.host)) == Set(HostUnderTest.allCases))
        // What eBPF doesn't see is refused by its key, or skipped; the rest is as much.
        let ebpf = try #require(run.hosts.first { $0.host == .ebpf })
        #expect(ebpf.configurations + ebpf.omitted == run.count)
        #expect(Set(ebpf.refusals.keys).isSubset(of: Self.unknownToSockets))
        if run.count > 50 {
            #expect(ebpf.omitted <= run.count / 20)
            #expect(ebpf.packets == ebpf.configurations * Trial.packetsEach)
            #expect(Set(ebpf.refusals.keys) == Self.unknownToSockets && ebpf.skipped > 0)
        }
        // A run in which all packets have one outcome, or none is sent, proves nothing.
        for host in run.hosts where run.count > 10 {
            #expect(host.landings["proxy", default: 0] > host.packets / 20)
            #expect(host.landings["destination", default: 0] > host.packets / 20)
        }
    }

    @Test(.enabled(if: !DifferentialSeeds.areGiven))
    func everyHostTreatsTheLargestBlocksAsTheInterpreterSays() throws {
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
                Issue.record("reproduced only together with other packets: \(found)")
            }
        }
    }

    @Test func runsHaveAtLeastTwentyThousandPackets() {
        guard !DifferentialSeeds.areGiven else { return }
        let configurations = DifferentialSeeds.count * DifferentialSeeds.all.count
        #expect(configurations >= 200)
        #expect(configurations * Trial.packetsEach >= 20_000)
    }
}

extension DifferentialRun {
    /// One for each rule that should have decided, on the host that is fastest to try again.
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
