import FaultPoints
import Foundation
import Rehearsal
import Testing
import TproxyTestSupport

/// Kills and faults of `apply --confirm`: the state before returns, whatever is killed.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ConfirmationKillTests {
    /// The number of random kills; TPROXY_CONFIRM_KILLS has another one.
    private static let rounds =
        ProcessInfo.processInfo.environment["TPROXY_CONFIRM_KILLS"].flatMap { Int($0) } ?? 9

    /// The caller is killed at a random moment, and in every third round a guard as well.
    @Test func stateBeforeReturnsAfterRandomKills() async throws {
        var chance = SeededGenerator.forTest()
        let seed = chance.seed
        let formers: [FormerRules] = [.none, .nft, .iptablesNft]
        for round in 0..<Self.rounds {
            let moment = Int.random(in: 0...1000, using: &chance)
            let former = formers[round % formers.count]
            let backend = ConfirmationTests.backends.randomElement(using: &chance) ?? "nft"
            try await ConfirmationHost.with { host in
                for applied in try await former.load(on: host) {
                    #expect(applied.status == 0, "\(applied.errors)")
                }
                let before = try await host.state()
                let words = [
                    "--backend", backend, "--replace-backend", "--confirm", "2s",
                ]
                // What one run takes here tells where a moment of it is.
                try await host.kill(words, at: moment, withGuard: round % 3 == 2)
                try await host.settleAfterKill()
                let after = try await host.state()
                #expect(
                    after == before,
                    "seed \(seed), round \(round): \(former), \(backend), moment \(moment)")
                let next = try await host.apply(
                    ["--backend", backend, "--replace-backend"], second: true)
                #expect(next.status == 0, "seed \(seed), round \(round): \(next.errors)")
            }
        }
        print("\(Self.rounds) random kills, seed \(seed)")
    }

    /// The caller is killed before each step that changes something, and after the last one.
    @Test(arguments: ["nft", "iptables-nft"])
    func stateBeforeReturnsAfterAKillAtEachStep(backend: String) async throws {
        try await ConfirmationHost.with { host in
            let words = ["--backend", backend, "--replace-backend", "--confirm", "1s"]
            _ = try await host.apply(["--backend", "nft"])
            let before = try await host.state()
            let (trace, applied) = try await host.traced(words)
            #expect(applied.status == 0, "\(applied.errors)")
            try await host.settleAfterKill()
            let steps = SystemStep.counts(inTrace: trace).filter { $0.step.faults.changes }
            #expect(steps.contains { $0.step == .fileRename && $0.count >= 2 }, "\(trace)")
            let requests = steps.flatMap { step, count in
                // Programs and messages of one purpose are alike.
                Set([1, (count + 1) / 2, count]).sorted().map { "\(step):\($0):kill" }
            }
            for request in requests {
                _ = try await host.apply(words, second: true, fault: request)
                try await host.settleAfterKill()
                let after = try await host.state()
                #expect(after == before, "\(request)")
            }
        }
    }

    /// The address is there before the rules, and would expire a minute after the kill.
    @Test func theAddressOfALoadThatIsKilledIsRemoved() async throws {
        try await ConfirmationHost.with { host in
            let before = try await host.state()
            // The second change would make the address permanent.
            let killed = try await host.apply(
                ["--backend", "nft", "--confirm", "1s"], fault: "addressChange:2:kill")
            #expect(killed.status != 0)
            try await host.settleAfterKill()
            #expect(try await host.state() == before)
        }
    }

    /// An error of any step that writes the record or starts the guard leaves the host unchanged.
    @Test func errorBeforeTheLoadChangesNothing() async throws {
        try await ConfirmationHost.with { host in
            let before = try await host.state()
            for request in [
                "folderMake:1:ENOSPC", "fileCreate:1+:ENOSPC", "fileWrite:1:ENOSPC",
                "fileSync:1:EIO", "fileRename:1:EIO", "fileRename:2:ENOSPC",
                "programStart:1:EAGAIN", "programStart:2:EAGAIN", "tableSubmit:1+:EBUSY",
            ] {
                let applied = try await host.apply(
                    ["--confirm", "10m", "--sleep-between-retries", "1ms"], fault: request)
                #expect(applied.status == 1, "\(request): \(applied.output)")
                #expect(try await host.state() == before, "\(request)")
                let rolledBack = try await host.tproxy(["rollback"])
                #expect(
                    rolledBack.errors.contains("[nothing-pending]"),
                    "\(request): \(rolledBack.errors)")
            }
        }
    }

    @Test func fullDiskForTheRecordChangesNothing() async throws {
        try await Sandbox.withMachine(
            setUp: """
                ip link set lo up
                mount -t tmpfs -o size=16k tmpfs /run
                mkdir /run/tproxy
                dd if=/dev/zero of=/run/full bs=4k 2>/dev/null || true
                """
        ) { sandbox in
            let before = try await sandbox.state()
            let apply = ["apply", "--facts", "-", "--no-preflight"]
            let refused = try await sandbox.tproxy(
                apply + ["--confirm", "10m"], input: ApplyTests.facts)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("[unwritable-file]"), "\(refused.errors)")
            #expect(try await sandbox.state() == before)
            let applied = try await sandbox.tproxy(apply, input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
        }
    }

    @Test func commandsNeedTheCapability() async throws {
        try await Sandbox.with { sandbox in
            let before = try await sandbox.state()
            for command in [
                ["apply", "--facts", "-", "--confirm", "10m"], ["confirm"], ["rollback"],
            ] {
                let outcome = try await sandbox.run(
                    "setpriv", ["--bounding-set", "-net_admin", Command.tproxy] + command,
                    input: ApplyTests.facts)
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains("[missing-capability]"), "\(outcome.errors)")
            }
            #expect(try await sandbox.state() == before)
        }
    }

    /// The deadline is by a clock that no program sets: the time of day jumps with each look at it.
    @Test func jumpsOfTheClockDoNotMoveTheDeadline() async throws {
        try await ConfirmationHost.with { host in
            let before = try await host.state()
            let clock = try await host.jumpingClock()
            let applied = try await host.apply(["--confirm", "5s"], environment: clock)
            #expect(applied.status == 0, "\(applied.errors)")
            let guards = try await host.guards()
            try await host.sandbox.shell("kill -9 \(guards.joined(separator: " "))")
            let (id, deadline) = try await host.pendingIDAndDeadline()
            let guarded = try await host.sandbox.tproxy(
                ["rollback", "--expired", id], environment: clock)
            #expect(guarded.status == 0, "\(guarded.errors)")
            let now = try await host.sandbox.shell("cut -d ' ' -f 1 /proc/uptime")
            let seconds = try #require(Double(now.prefix { $0 != "\n" }))
            // /proc/uptime is by the same clock, in hundredths.
            #expect(seconds + 0.01 >= Double(deadline) / 1e9)
            #expect(try await host.state() == before)
        }
    }
}

extension ConfirmationHost {
    /// Starts `apply`, kills it at `moment` thousandths of a run, and perhaps one guard after it.
    fileprivate func kill(_ words: [String], at moment: Int, withGuard: Bool) async throws {
        let apply = ([Command.tproxy, "apply"] + plan(second: true) + words)
            .joined(separator: " ")
        try await sandbox.shell(
            """
            begin=$(date +%s%N); \(Command.tproxy) status >/dev/null 2>&1
            took=$((($(date +%s%N) - begin) * 6))
            \(apply) >/dev/null 2>&1 &
            sleep $(awk "BEGIN { print $took * \(moment) / 1e12 }")
            kill -9 $! 2>/dev/null
            wait $!
            record=/run/tproxy/confirm-$(stat -Lc %i /proc/self/ns/net)
            if \(withGuard) && [ -e $record ]; then
                kill -9 $(sed -n '1s/.*"processes":\\[\\([0-9]*\\),.*/\\1/p' $record) 2>/dev/null
            fi
            true
            """)
    }

    /// Waits until nothing is pending any longer, or nothing waits for it: a run that was killed
    /// before it started a guard.
    fileprivate func settleAfterKill() async throws {
        try await sandbox.shell(
            """
            record=/run/tproxy/confirm-$(stat -Lc %i /proc/self/ns/net)
            for try in $(seq 1200); do
                [ -e $record ] || exit 0
                id=$(sed -n '1s/.*"id":"\\([0-9a-f]*\\)".*/\\1/p' $record 2>/dev/null)
                [ -z "$id" ] || pgrep -f "expired $id" >/dev/null || exit 0
                sleep 0.05
            done
            exit 1
            """)
    }

    /// Runs `apply`; returns the steps that it passed, as well.
    fileprivate func traced(_ words: [String]) async throws -> (String, Command.Outcome) {
        let folder = try TestFolder()
        let trace = folder.path(of: "trace")
        let outcome = try await apply(
            words, second: true, environment: ["TPROXY_FAULT_TRACE": trace])
        return (try String(contentsOfFile: trace, encoding: .utf8), outcome)
    }

    fileprivate func apply(
        _ words: [String], second: Bool = false, fault: String
    ) async throws -> Command.Outcome {
        try await apply(words, second: second, environment: ["TPROXY_FAULT": fault])
    }

    fileprivate func pendingIDAndDeadline() async throws -> (id: String, deadline: Int) {
        let words = try await sandbox.shell(
            """
            sed -n '1s/.*"deadline":\\([0-9]*\\).*"id":"\\([0-9a-f]*\\)".*/\\2 \\1/p' \\
                /run/tproxy/confirm-$(stat -Lc %i /proc/self/ns/net)
            """
        ).split(whereSeparator: \.isWhitespace).map(String.init)
        return (try #require(words.first), try #require(words.last.flatMap { Int($0) }))
    }

    /// The environment of a program that sees another year with each look at the time of day.
    fileprivate func jumpingClock() async throws -> [String: String] {
        let library = path(of: "clock.so")
        let source = """
            #define _GNU_SOURCE
            #include <time.h>
            #include <unistd.h>
            #include <sys/syscall.h>
            static long jump;
            int clock_gettime(clockid_t clock, struct timespec *time) {
                int code = (int)syscall(SYS_clock_gettime, clock, time);
                if (clock == CLOCK_REALTIME) time->tv_sec += (jump = 40000000 - jump);
                return code;
            }
            time_t time(time_t *out) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                if (out) *out = now.tv_sec;
                return now.tv_sec;
            }
            """
        let compiled = try await Command.run(
            "clang", ["-shared", "-fPIC", "-x", "c", "-", "-o", library], input: source)
        #expect(compiled.status == 0, "\(compiled.errors)")
        return ["LD_PRELOAD": library]
    }
}
