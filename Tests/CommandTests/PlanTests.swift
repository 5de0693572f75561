import Foundation
import Testing
import TproxyTestSupport

/// `plan` needs no privileges, changes nothing, and prints the same everywhere.
@Suite struct PlanTests {
    private func plan(_ arguments: [String], input: String = "") async throws -> Command.Outcome {
        try await Unprivileged.tproxy(["plan"] + arguments, input: input)
    }

    @Test func planWithoutPrivilegesEqualsTheGolden() async throws {
        for scenario in Scenario.all {
            let config = try String(
                contentsOfFile: scenario.path(of: "tproxy.yaml"), encoding: .utf8)
            let facts = FileManager.default.temporaryDirectory
                .appendingPathComponent("facts-\(scenario)-\(UUID()).json")
            try FileManager.default.copyItem(
                atPath: scenario.path(of: "facts.json"), toPath: facts.path)
            defer { try? FileManager.default.removeItem(at: facts) }
            let there = try await plan(
                ["--config", "-", "--facts", facts.path, "--format", "nft-json"], input: config)
            #expect(there.status == 0, "\(there.errors)")
            let recorded = try String(
                contentsOfFile: scenario.path(of: "tproxy.json"), encoding: .utf8)
            #expect(there.output == recorded, "\(scenario)")
        }
    }

    @Test func planChangesNothingOnTheHost() async throws {
        func host() async throws -> [String] {
            // A kernel without modules has no such file.
            let modules = (try? String(contentsOfFile: "/proc/modules", encoding: .utf8)) ?? ""
            let addresses = try await Command.run("ip", ["addr", "show", "lo"]).output
            let names = modules.split(separator: "\n").map { $0.prefix { $0 != " " } }.sorted()
            return names.map(String.init) + [addresses]
        }
        let before = try await host()
        #expect(try await plan(["--kuma-dp-user", "1"]).status == 0)
        #expect(try await host() == before)
    }

    @Test func applyDryRunPrintsThePlan() async throws {
        let folder = try #require(Scenario.all.first { $0.name == "everything" }).folder.path
        let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]
        let dryRun = try await Command.tproxy(["apply", "--dry-run"] + inputs, in: folder)
        let plan = try await Command.tproxy(["plan", "--dry-run"] + inputs, in: folder)
        #expect(dryRun.output == plan.output)
        #expect(dryRun.status == 0)
    }

    /// Command lines of Kuma's documentation for Universal, with `tproxy` for `kumactl`.
    @Test(arguments: [
        ["--kuma-dp-user", "5678", "--redirect-dns", "--verbose"],
        ["--kuma-dp-user", "5678", "--redirect-all-dns-traffic"],
        ["--kuma-dp-user=5678", "--redirect-dns=true", "--redirect-inbound=false"],
        ["--kuma-dp-user", "5678", "--skip-dns-conntrack-zone-split", "--redirect-dns"],
        [
            "--kuma-dp-user", "5678", "--redirect-dns", "--exclude-inbound-ports", "22",
            "--exclude-outbound-ports-for-uids", "tcp:22:1000",
            "--exclude-outbound-ports-for-uids", "udp:53:1001",
        ],
        ["--kuma-dp-user", "5678", "--vnet", "docker0:172.17.0.0/16", "--vnet", "br+:fd00::/64"],
        ["--kuma-dp-uid", "5678", "--skip-resolv-conf", "--redirect-inbound-port-v6", "15010"],
    ])
    func kumactlsCommandLinesAreAccepted(flags: [String]) async throws {
        let outcome = try await Unprivileged.tproxy(
            ["install", "transparent-proxy", "--dry-run"] + flags)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("\ntable inet tproxy_mesh {\n"))
        #expect(
            outcome.output.hasSuffix("\n# transparent proxy setup completed successfully\n"))
    }

    @Test func planSaysWhatApplyWouldRefuse() async throws {
        let outcome = try await plan([
            "--kuma-dp-user", "1", "--ebpf-enabled", "--backend", "nft",
        ])
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("apply would refuse"))
    }

    /// Without privileges, a plan is for an empty host, and says so.
    @Test func planWithoutPrivilegesIsForAnEmptyHost() async throws {
        let outcome = try await plan(["--kuma-dp-user", "1", "--no-preflight"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = outcome.output.split(separator: "\n").map(String.init)
        #expect(
            lines.first?.hasSuffix(
                "to add: table inet tproxy_mesh, planned for an empty host: reading the loaded"
                    + " rules needs CAP_NET_ADMIN") == true, "\(outcome.output)")
        #expect(lines.dropFirst().first == "Outgoing TCP → 15001, except UID 1.")
        #expect(lines.last == "--full lists every rule with its reason.")
    }

    @Test func everyRuleIsListedOnRequestAlone() async throws {
        let inputs = ["--kuma-dp-user", "1", "--no-preflight"]
        let brief = try await plan(inputs)
        let full = try await plan(inputs + ["--full"])
        #expect(!brief.output.contains("chain OUTBOUND"))
        // On an empty host, the summary already says what changes for packets.
        #expect(
            brief.output.contains(
                "\ntraffic that changes: all that the summary says is redirected; --full lists it\n"
            ))
        #expect(full.output.contains("\ntraffic that changes\n"))
        #expect(full.output.contains("\nchain OUTBOUND\n"))
        // A rule and its twin for IPv6 are one line.
        #expect(full.output.contains(" 1-2. from 127.0.0.6 or ::6, out lo: return\n"))
    }

    @Test func repeatedAndListedFilesMakeTheSamePlan() async throws {
        let folder = Scenario.root.appendingPathComponent("rulesets").path
        let facts = ["--facts", "default/facts.json", "--format", "nft"]
        let repeated = try await Command.tproxy(
            [
                "plan", "--config", "exclusions/tproxy.yaml", "--config",
                "include-ports/tproxy.yaml",
            ] + facts, in: folder)
        let listed = try await Command.tproxy(
            ["plan", "--config", "exclusions/tproxy.yaml,include-ports/tproxy.yaml"] + facts,
            in: folder)
        let reversed = try await Command.tproxy(
            ["plan", "--config", "include-ports/tproxy.yaml,exclusions/tproxy.yaml"] + facts,
            in: folder)
        #expect(repeated.status == 0, "\(repeated.errors)")
        #expect(repeated.output == listed.output)
        #expect(reversed.status == 0)
    }
}
