import Rehearsal
import Testing
import TproxyTestSupport

/// Who may hold the lock, and what happens when its holder is stopped.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct StoppedHolderTests {
    @Test(arguments: BackendUnderTest.allCases)
    func lockOfAnotherUserDelaysNoCommand(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            let outcome = try await sandbox.run(
                "sh",
                [
                    "-c",
                    """
                    set -e
                    setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \\
                        flock /proc/self/ns/net sh -c 'echo held >&2; exec sleep 600' 2>held &
                    holder=$!
                    until grep -q held held; do sleep 0.02; done
                    "$0" "$@" && "$0" remove --output json
                    kill $holder
                    """, Command.tproxy,
                ] + backend.apply + ["--wait", "0", "--max-retries", "0", "--facts", "-"],
                input: ApplyTests.facts, in: folder.url.path)
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    /// `apply` names the process that it waits for, and `remove` doesn't wait.
    @Test func stoppedHolderIsNamedAndRemoveSucceeds() async throws {
        try await Sandbox.with { sandbox in
            let stopped = try StoppedCommand(
                sandbox, BackendUnderTest.nft.apply, at: "tableSubmit:1:stop")
            let seen = try await stopped.run(
                """
                $T apply --wait 0 --max-retries 0 --facts facts.json && exit 1
                $T remove
                """)
            #expect(seen.errors.contains("[busy]"), "\(seen.errors)")
            #expect(seen.errors.contains("which is stopped; run 'kill -CONT "), "\(seen.errors)")
            #expect(seen.errors.contains("[stopped-holder]"), "\(seen.errors)")
            #expect(seen.status == 0, "\(seen.output)\(seen.errors)")
            #expect(seen.output.hasPrefix("nothing to remove"), "\(seen.output)")
            #expect(seen.output.hasSuffix("continued: 0\n"), "\(seen.output)")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
        }
    }

    /// Wherever `apply` was stopped, it continues with what `remove` left.
    ///
    /// In the end all of its rules are loaded or none, and another `remove` leaves nothing.
    @Test(arguments: BackendUnderTest.allCases, [true, false])
    func applyStoppedAtAnyStepCopesWithARemoval(backend: BackendUnderTest, isFirst: Bool)
        async throws
    {
        var chance = SeededGenerator.forTest()
        let seed = chance.seed
        try await Sandbox.with { sandbox in
            // Tables that programs of iptables create stay.
            _ = try await sandbox.tproxy(backend.apply + ["--facts", "-"], input: ApplyTests.facts)
            _ = try await sandbox.tproxy(["remove"])
            let before = try await sandbox.shell("nft list ruleset; ip addr show lo")
            let arguments = backend.apply + ["--redirect-outbound-port", "15099"]
            let steps = try await StoppedCommand.steps(of: arguments, sandbox)
            #expect(steps.count > 3)
            for step in steps.shuffled(using: &chance).prefix(StoppedCommand.sample) {
                if !isFirst {
                    _ = try await sandbox.tproxy(
                        backend.apply + ["--facts", "-"], input: ApplyTests.facts)
                }
                let stopped = try StoppedCommand(sandbox, arguments, at: step)
                let seen = try await stopped.run("$T remove")
                let words: Testing.Comment = "seed \(seed), \(step): \(seen.output)\(seen.errors)"
                #expect(seen.status == 0, words)
                let status = try await sandbox.tproxy(["status"])
                #expect(
                    status.status == 0 || status.errors.contains("[not-installed]"),
                    "\(words) \(status.output)\(status.errors)")
                let removed = try await sandbox.tproxy(["remove"])
                #expect(removed.status == 0, "\(words) \(removed.errors)")
                #expect(
                    try await sandbox.shell("nft list ruleset; ip addr show lo") == before, words)
            }
        }
    }
}

/// A command that stops itself at one of its steps.
struct StoppedCommand {
    /// How many steps are tried; all where `TPROXY_TEST_FAULTS` is `all`.
    static let sample = FaultTests.triesAll ? Int.max : 6

    private let sandbox: Sandbox
    private let arguments: [String]
    private let fault: String
    private let folder: TestFolder

    init(_ sandbox: Sandbox, _ arguments: [String], at fault: String) throws {
        self.sandbox = sandbox
        self.arguments = arguments
        self.fault = fault
        folder = try TestFolder()
        try ApplyTests.facts.write(
            toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
    }

    /// A stop before and after each change and each reading of the kernel, from a run without a
    /// fault.
    ///
    /// A program of iptables-legacy that the command started isn't stopped with it, so it ends and
    /// releases its own lock.
    static func steps(of arguments: [String], _ sandbox: Sandbox) async throws -> [String] {
        let folder = try TestFolder()
        let traced = try await sandbox.tproxy(
            arguments + ["--facts", "-"],
            environment: ["TPROXY_FAULT_TRACE": folder.path(of: "trace")], input: ApplyTests.facts)
        #expect(traced.status == 0, "\(traced.errors)")
        _ = try await sandbox.tproxy(["remove"])
        let steps = [
            "addressChange", "tableSubmit", "netlinkReceive", "programRun", "namespaceLock",
        ]
        return try await sandbox.shell("cat \(folder.path(of: "trace"))").split(separator: "\n")
            .filter { line in steps.contains { line.hasPrefix("\($0):") } }
            .flatMap { ["\($0):stop", "\($0):stop-after"] }
    }

    /// Runs the command until it is stopped, then `script`, and then continues the command to its
    /// end.
    func run(_ script: String) async throws -> Command.Outcome {
        try await sandbox.run(
            "sh",
            [
                "-c",
                """
                TPROXY_FAULT=\(fault) $T "$@" --facts facts.json >out 2>err &
                stopped=$!
                for look in $(seq 500); do
                    case "$(cut -d' ' -f3 /proc/$stopped/stat 2>/dev/null)" in T|Z|'') break;; esac
                    sleep 0.02
                done
                (
                \(script)
                )
                code=$?
                kill -CONT $stopped 2>/dev/null
                wait $stopped
                echo "continued: $?"
                cat out err >&2
                exit $code
                """, "sh",
            ] + arguments, environment: ["T": Command.tproxy], in: folder.url.path)
    }
}
