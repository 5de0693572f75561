import Foundation
import Rehearsal
import Testing
import TproxyTestSupport

/// Moves from one backend to another keep `::6` all the time, whatever ends the process.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct MoveTests {
    struct Way: Sendable, CustomTestStringConvertible {
        var old: BackendUnderTest
        var new: BackendUnderTest
        var testDescription: String { "\(old) to \(new)" }
    }

    private static let ways = BackendUnderTest.allCases.flatMap { old in
        BackendUnderTest.allCases.filter { $0.backend != old.backend }.map {
            Way(old: old, new: $0)
        }
    }
    private static let rounds: Int =
        ProcessInfo.processInfo.environment["TPROXY_TEST_MOVES"].flatMap { Int($0) } ?? 4

    private func apply(
        _ sandbox: Sandbox, _ backend: BackendUnderTest, _ more: [String] = [],
        environment: [String: String] = [:]
    ) async throws -> Command.Outcome {
        try await sandbox.tproxy(
            backend.apply + ["--facts", "-"] + more, environment: environment,
            input: ApplyTests.facts)
    }

    @Test(arguments: ways)
    func moveNeverRemovesTheLoopbackAddress(way: Way) async throws {
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            try ApplyTests.facts.write(
                toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
            let heard = try await sandbox.shell(
                """
                apply="\(Command.tproxy) apply --facts facts.json"
                $apply \(way.old.words) >/dev/null 2>&1
                ip monitor address >heard & monitor=$!
                until [ -s heard ]; do
                    ip address add 127.0.0.9/32 dev lo; ip address del 127.0.0.9/32 dev lo
                done
                $apply \(way.new.words) --replace-backend >/dev/null 2>&1; echo "moved: $?"
                ip address add 127.0.0.10/32 dev lo
                until grep -q 127.0.0.10 heard; do sleep 0.01; done
                kill $monitor
                grep ::6 heard || true
                """, in: folder.url.path)
            #expect(heard == "moved: 0\n")
            #expect(try await sandbox.shell("ip address show lo").contains("::6/128"))
        }
    }

    /// Expects what an interrupted move may leave, and that the next command finishes it.
    private func expectFinished(
        _ sandbox: Sandbox, _ way: Way, by next: String, _ words: Testing.Comment
    ) async throws {
        let rules = try await sandbox.shell("nft list ruleset; iptables-legacy-save")
        #expect(rules.contains("15001") || rules.contains("15099"), words)
        #expect(try await sandbox.shell("ip address show lo").contains("::6/128"), words)
        let status = try await sandbox.tproxy(["status"])
        let isMoving = status.errors.contains("[interrupted-move]")
        let isHalf = status.output.contains("BY HAND")
        #expect(status.status == (isMoving || isHalf ? 2 : 0), "\(words) \(status.errors)")
        let isOldAlone = !isMoving && status.output.contains(way.old.name)
        if next == "apply" {
            // A move that hadn't begun needs its flag again.
            let finished = try await apply(
                sandbox, way.new, isOldAlone ? ["--replace-backend"] : [])
            #expect(finished.status == 0, "\(words) \(finished.errors)")
            let after = try await sandbox.tproxy(["status"])
            #expect(after.status == 0, "\(words) \(after.output)\(after.errors)")
            #expect(after.output.contains(way.new.name), words)
            #expect(try await sandbox.shell("ip address show lo").contains("::6/128"), words)
        }
        let removed = try await sandbox.tproxy(["remove"])
        #expect(removed.status == 0, "\(words) \(removed.errors)")
        let left = try await sandbox.shell(
            "nft list ruleset; iptables-legacy-save; ip addr show lo")
        for word in ["tproxy", "KUMA", "::6/128"] {
            #expect(!left.contains(word), "\(words) \(left)")
        }
    }

    @Test(arguments: ways)
    func moveKilledAtAStepIsReportedAndFinished(way: Way) async throws {
        var chance = SeededGenerator.forTest()
        let seed = chance.seed
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            // Twice: programs of iptables create the tables that they read, and leave them.
            for trace in ["first", "trace"] {
                _ = try await apply(sandbox, way.old)
                _ = try await apply(
                    sandbox, way.new, ["--replace-backend"],
                    environment: ["TPROXY_FAULT_TRACE": folder.path(of: trace)])
                _ = try await sandbox.tproxy(["remove"])
            }
            let changes = ["addressChange:", "tableSubmit:", "programRun:"]
            let steps = try String(contentsOfFile: folder.path(of: "trace"), encoding: .utf8)
                .split(separator: "\n").filter { line in changes.contains { line.hasPrefix($0) } }
                .flatMap { ["\($0):kill", "\($0):kill-after"] }
            #expect(steps.count > 4)
            let tried =
                FaultTests.triesAll ? steps : Array(steps.shuffled(using: &chance).prefix(5))
            for (number, step) in tried.enumerated() {
                _ = try await apply(sandbox, way.old)
                let killed = try await apply(
                    sandbox, way.new, ["--replace-backend"], environment: ["TPROXY_FAULT": step])
                #expect(killed.status == 137, "\(step) \(killed.errors)")
                try await expectFinished(
                    sandbox, way, by: number % 2 == 0 ? "apply" : "remove", "seed \(seed), \(step)")
            }
        }
    }

    /// At random moments; after SIGTERM and SIGINT nothing is half done.
    @Test(arguments: ways, ["TERM", "INT", "KILL"])
    func moveEndedAtARandomMomentIsFinished(way: Way, signal: String) async throws {
        var chance = SeededGenerator.forTest()
        let seed = chance.seed
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            try ApplyTests.facts.write(
                toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
            let apply = "\(Command.tproxy) apply --facts facts.json"
            let move = "\(apply) \(way.new.words) --replace-backend --redirect-outbound-port 15099"
            let took = try await sandbox.shell(
                """
                \(apply) \(way.old.words) >/dev/null 2>&1
                begin=$(date +%s%N); \(move) >/dev/null 2>&1; echo $((($(date +%s%N) - begin) / 1000))
                \(Command.tproxy) remove >/dev/null 2>&1
                """, in: folder.url.path)
            let duration = try #require(Int(took.trimmingCharacters(in: .whitespacesAndNewlines)))
            var counts: [String: Int] = [:]
            for round in 0..<Self.rounds {
                let moment = Double(Int.random(in: 0...duration, using: &chance)) / 1e6
                let ended = try await sandbox.shell(
                    """
                    \(apply) \(way.old.words) >/dev/null 2>&1
                    env --default-signal=INT \(move) >/dev/null 2>&1 & move=$!
                    sleep \(moment); kill -\(signal) $move 2>/dev/null; wait $move; echo "exit $?"
                    """, in: folder.url.path)
                try await sandbox.endOfPrograms()
                let words: Testing.Comment = "seed \(seed), round \(round), \(moment) s, \(ended)"
                let status = try await sandbox.tproxy(["status"])
                if signal != "KILL" {
                    #expect(status.status == 0, "\(words) \(status.output)\(status.errors)")
                }
                let isMoving = status.errors.contains("[interrupted-move]")
                let state =
                    isMoving ? "both" : status.output.contains(way.old.name) ? "old" : "new"
                counts[state, default: 0] += 1
                try await expectFinished(
                    sandbox, way, by: round % 2 == 0 ? "apply" : "remove", words)
            }
            print("\(way.testDescription), \(signal), seed \(seed): \(counts)")
        }
    }
}
