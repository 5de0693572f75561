import Foundation
import Testing
import TproxyTestSupport

/// The iptables backends with the real programs of both flavours.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct IptablesApplyTests {
    static let flavours = ["nft", "legacy"]

    private let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]

    /// All rules of one flavour with counters; tables are created first, so that they are empty and
    /// not missing.
    ///
    /// Counters of policies are left out: iptables-legacy zeroes them with every change of a table.
    static func saved(_ sandbox: Sandbox, _ flavour: String) async throws -> String {
        try await sandbox.shell(
            """
            for tool in iptables ip6tables; do
                for table in raw mangle nat filter; do
                    $tool-\(flavour) -t $table -S >/dev/null
                    $tool-\(flavour)-save -c -t $table | sed '/^#/d; s/^\\(:.*\\) \\[.*/\\1/'
                done
            done
            ip addr show lo
            """)
    }

    /// `plan --format iptables` in short and in long options loads as the same rules.
    @Test(arguments: flavours)
    func longOptionsLoadTheSameRules(flavour: String) async throws {
        let folder = try #require(Scenario.all.first { $0.name == "everything" }).folder.path
        var saved: [String] = []
        for more in [[], ["--verbose"]] {
            try await Sandbox.with { sandbox in
                for (family, tool) in [("ipv4", "iptables"), ("ipv6", "ip6tables")] {
                    let plan = try await sandbox.tproxy(
                        ["plan", "--format", "iptables", "--family", family] + inputs + more,
                        in: folder)
                    let loaded = try await sandbox.run(
                        "\(tool)-\(flavour)-restore", ["--noflush"], input: plan.output)
                    #expect(loaded.status == 0, "\(loaded.errors)")
                }
                saved.append(try await Self.saved(sandbox, flavour))
            }
        }
        #expect(saved[0] == saved[1])
        #expect(saved[0].contains("KUMA_MESH_OUTBOUND_REDIRECT"))
    }

    /// Wherever the run was killed, the same command succeeds.
    @Test(arguments: flavours)
    func killedRunIsFinishedByTheNext(flavour: String) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                "iptables-\(flavour) -t nat -A OUTPUT -p tcp --dport 7 -j RETURN")
            let before = try await Self.saved(sandbox, flavour)
            let apply = [
                "apply", "--backend", "iptables-\(flavour)", "--redirect-dns", "--facts", "-",
            ]
            let facts = ApplyTests.facts.replacing(
                "\"resolvers\": []", with: "\"resolvers\": [\"192.0.2.53\", \"2001:db8::53\"]")
            // The n-th program that tproxy starts kills it.
            var kills = 0
            for count in [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16] {
                for command in [apply, ["remove"]] {
                    let isKilled = try await sandbox.killed(
                        command, atProgram: count, input: facts)
                    if isKilled { kills += 1 }
                    let finished = try await sandbox.tproxy(command, input: facts)
                    #expect(finished.status == 0, "\(count) \(finished.errors)")
                    if command == apply {
                        #expect(try await sandbox.tproxy(["status"]).status == 0)
                    }
                }
                #expect(try await Self.saved(sandbox, flavour) == before, "\(count)")
            }
            #expect(kills >= 16, "\(kills) of 24 runs were killed")
        }
    }
}

extension Sandbox {
    /// Runs a command whose n-th iptables program kills it first and then does its work.
    ///
    /// Returns whether the command started that many programs, so that it was killed.
    @discardableResult
    func killed(
        _ command: [String], atProgram count: Int, by signal: String = "KILL", input: String
    ) async throws -> Bool {
        let fakes = try FakePrograms()
        let tools = ["iptables", "ip6tables"].flatMap { tool in
            IptablesApplyTests.flavours.map { "\(tool)-\($0)" }
        }
        for name in tools.flatMap({ ["\($0)-save", "\($0)-restore"] }) {
            try fakes.add(
                name,
                """
                echo >> \(fakes.path(of: "count"))
                [ $(wc -l < \(fakes.path(of: "count"))) -ne \(count) ] || kill -\(signal) $PPID
                exec \(fakes.real)/\(name) "$@"
                """)
        }
        _ = try await fakes.run(self, [Command.tproxy] + command, input: input)
        try await endOfPrograms()
        let started = try String(contentsOfFile: fakes.path(of: "count"), encoding: .utf8)
        return started.utf8.count >= count
    }

    /// Waits for the programs that a killed tproxy started.
    func endOfPrograms() async throws {
        try await shell(
            "while pgrep --ns $$ --nslist net 'tproxy|tables' >/dev/null; do sleep 0.02; done")
    }
}
