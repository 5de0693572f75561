import Foundation
import Testing
import TproxyTestSupport

/// A plan that is made on one machine and applied on another.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct PlanFileTests {
    /// The digest that `status` shows.
    private static func digest(_ sandbox: Sandbox) async throws -> String {
        struct Status: Decodable {
            var digest: String
            var intact: Bool
        }
        let status = try await sandbox.tproxy(["status", "--output", "json"])
        let read = try JSONDecoder().decode(Status.self, from: Data(status.output.utf8))
        #expect(read.intact)
        return read.digest
    }

    @Test(arguments: Scenario.all, ["nft", "iptables-nft", "iptables-legacy"])
    func reviewedPlanIsLoadedOnAnotherMachine(scenario: Scenario, backend: String) async throws {
        let folder = try TestFolder()
        let inputs = [
            "--config", scenario.path(of: "tproxy.yaml"), "--facts",
            scenario.path(of: "facts.json"),
        ]
        // One machine.
        let plan = try await Command.tproxy(
            ["plan", "--output-file", folder.path(of: "plan.json"), "--loaded", "none"] + inputs
                + ["--backend", backend, "--full"])
        #expect(plan.status == 0, "\(plan.errors)")
        try await Sandbox.with { sandbox in
            // Another.
            if scenario.name == "docker-dns", backend != "nft" {
                try await sandbox.shell("\(backend) -t nat -N DOCKER_OUTPUT")
            }
            let apply = [
                "apply", "--plan", folder.path(of: "plan.json"), "--facts",
                scenario.path(of: "facts.json"),
            ]
            let applied = try await sandbox.tproxy(apply)
            #expect(applied.status == 0, "\(applied.errors)")
            #expect(applied.output.hasPrefix("installed"))
            let digest = try await Self.digest(sandbox)
            #expect(plan.output.contains("digest \(digest)"))

            // A second apply changes nothing.
            let again = try await sandbox.tproxy(apply)
            #expect(again.output.hasPrefix("unchanged"), "\(again.errors)")
        }
    }

    private static let facts = """
        {"proxyUser": 5678, "loopback": "lo", "resolvers": [], "hasDockerDNSChain": false,
         "ipv6": {"isUsable": true, "reason": "test"}}
        """
    /// More networks than are written into a rule.
    private static let networks = "192.0.2.0/24,10.1.0.0/16,10.3.0.0/16,10.5.0.0/16,10.7.0.0/16"
    private static let former = ["--exclude-outbound-ips", networks + ",198.51.100.7"]
    private static let new = ["--exclude-outbound-ips", networks]

    /// Whether the plan knows the loaded rules, or their digest alone.
    @Test(arguments: [true, false])
    func planIsRefusedAfterAChangeOfOneElement(isOnTheHost: Bool) async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "plan.json")
        let facts = folder.path(of: "facts.json")
        try Self.facts.write(toFile: facts, atomically: true, encoding: .utf8)
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(["apply", "--facts", facts] + Self.former)
            let plan = ["plan", "--output-file", file] + Self.new
            if isOnTheHost {
                let made = try await sandbox.tproxy(plan + ["--kuma-dp-user", "5678"])
                #expect(made.status == 0, "\(made.errors)")
            } else {
                let status = try await sandbox.tproxy(["status", "--output", "json"])
                let path = folder.path(of: "status.json")
                try status.output.write(toFile: path, atomically: true, encoding: .utf8)
                let made = try await Command.tproxy(plan + ["--facts", facts, "--loaded", path])
                #expect(made.status == 0, "\(made.errors)")
            }
            let apply = ["apply", "--plan", file] + (isOnTheHost ? [] : ["--facts", facts])
            try await sandbox.shell(
                "nft 'add element inet tproxy_mesh outbound_excluded_ipv4_ranges { 203.0.113.9 }'")
            let before = try await sandbox.state()
            let refused = try await sandbox.tproxy(apply)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("[loaded-changed]"), "\(refused.errors)")
            #expect(refused.errors.contains("changed by hand"))
            #expect(refused.errors.contains("203.0.113.9") == isOnTheHost, "\(refused.errors)")
            #expect(try await sandbox.state() == before)

            // In its former state, the plan is applied.
            try await sandbox.shell(
                "nft 'delete element inet tproxy_mesh outbound_excluded_ipv4_ranges { 203.0.113.9 }'"
            )
            let applied = try await sandbox.tproxy(apply)
            #expect(applied.output.hasPrefix("replaced"), "\(applied.errors)")
            // It prints what it removed.
            #expect(applied.output.contains("198.51.100.7"), "\(applied.output)")
        }
    }

    @Test func planForAnotherHostIsRefused() async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "plan.json")
        try await Sandbox.with { sandbox in
            let made = try await sandbox.tproxy(
                ["plan", "--output-file", file, "--kuma-dp-user", "1234"])
            #expect(made.status == 0, "\(made.errors)")
            let before = try await sandbox.state()
            let refused = try await sandbox.tproxy(
                ["apply", "--plan", file, "--facts", "-"], input: Self.facts)
            #expect(refused.errors.contains("proxyUser was 1234 and is 5678"), "\(refused.errors)")
            #expect(try await sandbox.state() == before)
            let applied = try await sandbox.tproxy(["apply", "--plan", file])
            #expect(applied.status == 0, "\(applied.errors)")
        }
    }

    @Test(arguments: ["nothing was loaded", "rules were loaded"])
    func planIsRefusedAfterALoadOrARemoval(words: String) async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "plan.json")
        try await Sandbox.with { sandbox in
            let apply = ["apply", "--kuma-dp-user", "1"]
            let wasLoaded = words.hasPrefix("rules")
            if wasLoaded { _ = try await sandbox.tproxy(apply) }
            _ = try await sandbox.tproxy(["plan", "--output-file", file, "--kuma-dp-user", "2"])
            _ = try await sandbox.tproxy(wasLoaded ? ["remove"] : apply)
            let refused = try await sandbox.tproxy(["apply", "--plan", file])
            #expect(refused.status == 1)
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
    }

    /// A plan that doesn't know what is loaded may no longer fit.
    @Test func planWithoutALoadedStateIsRefused() async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "plan.json")
        let facts = folder.path(of: "facts.json")
        try Self.facts.write(toFile: facts, atomically: true, encoding: .utf8)
        let made = try await Command.tproxy(["plan", "--output-file", file, "--facts", facts])
        #expect(made.status == 0)
        #expect(made.errors.contains("[loaded-not-read]"), "\(made.errors)")
        try await Sandbox.with { sandbox in
            let refused = try await sandbox.tproxy(["apply", "--plan", file, "--facts", facts])
            #expect(refused.status == 1)
            #expect(refused.errors.contains("[unknown-loaded-state]"), "\(refused.errors)")
        }
    }
}
