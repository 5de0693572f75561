import Rehearsal
import Testing
import TproxyTestSupport

/// SIGTERM and SIGINT in the middle of a command.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct InterruptionTests {
    private static let rounds = 8

    /// At random moments, from the first instruction to the last.
    ///
    /// The old plan or the new one is loaded, whole, and `remove` removes its last rule.
    @Test(arguments: BackendUnderTest.allCases)
    func signalAtARandomMomentLeavesAWholePlan(backend: BackendUnderTest) async throws {
        var chance = SeededGenerator.forTest()
        let seed = chance.seed
        let moments = (0..<Self.rounds).map { _ in Int.random(in: 0...1000, using: &chance) }
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            try ApplyTests.facts.write(
                toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
            let apply = "\(Command.tproxy) apply \(backend.words) --facts facts.json"
            // A shell starts what is in the background with SIGINT ignored.
            let interrupted = try await sandbox.shell(
                """
                begin=$(date +%s%N)
                \(apply) >/dev/null 2>&1
                took=$((($(date +%s%N) - begin) / 1000))
                port=1
                for moment in \(moments.map(String.init).joined(separator: " ")); do
                    port=$((port % 2 + 1))
                    signal=$([ $port = 1 ] && echo INT || echo TERM)
                    env --default-signal=INT \(apply) --redirect-outbound-port $port \\
                        >/dev/null 2>&1 &
                    sleep $(awk "BEGIN { print $took * $moment / 1e9 }")
                    kill -$signal $! 2>/dev/null
                    wait $!
                    echo "after $moment/1000 by $signal: $?"
                    \(Command.tproxy) status >status.txt 2>&1 || { cat status.txt; exit 1; }
                done
                """, in: folder.url.path)
            print("\(backend), seed \(seed):\n\(interrupted)")
            let removed = try await sandbox.tproxy(["remove"])
            #expect(removed.status == 0, "seed \(seed): \(removed.errors)")
            #expect(
                try await sandbox.shell("nft list ruleset; iptables-legacy-save; ip addr show lo")
                    .contains(oneOf: ["tproxy", "KUMA", "::6/128"]) == false, "seed \(seed)")
        }
    }

    /// At the start of each program: the run finishes the family that it began, and the other one.
    @Test(arguments: [BackendUnderTest.iptablesNft, .iptablesLegacy])
    func signalBetweenTheFamiliesLeavesBothWhole(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let apply = backend.apply + ["--facts", "-"]
            _ = try await sandbox.tproxy(apply, input: ApplyTests.facts)
            var ports = 0
            // From the trial of the second family to the last reading.
            for count in 8...18 {
                ports += 1
                try await sandbox.killed(
                    apply + ["--redirect-outbound-port", "\(ports % 2 + 1)"], atProgram: count,
                    by: "TERM", input: ApplyTests.facts)
                let status = try await sandbox.tproxy(["status"])
                #expect(status.status == 0, "program \(count): \(status.output)\(status.errors)")
            }
        }
    }
}

extension String {
    fileprivate func contains(oneOf words: [String]) -> Bool {
        words.contains { contains($0) }
    }
}
