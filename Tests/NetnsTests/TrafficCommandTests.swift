import Foundation
import Testing
import TproxyTestSupport

/// What `diff` and `assert` say of loaded rules, and `apply --assert`.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct TrafficCommandTests {
    /// The sandbox has no IPv6, so that the rules concern IPv4 alone.
    private static let inputs = ["--kuma-dp-user", "5678"]

    private static func file(_ text: String, in folder: TestFolder) throws -> String {
        let path = folder.path(of: "assertions.txt")
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test(arguments: ["nft", "iptables-nft", "iptables-legacy"])
    func diffListsThePacketsThatAreTreatedDifferently(backend: String) async throws {
        try await Sandbox.with { sandbox in
            let choice = ["--backend", backend] + Self.inputs
            let applied = try await sandbox.tproxy(["apply", "--no-preflight"] + choice)
            try #require(applied.status == 0, "\(applied.errors)")
            let same = try await sandbox.tproxy(["diff"] + choice)
            #expect(same.status == 0)
            #expect(same.output.contains("no packet is treated differently"), "\(same.output)")
            let other = choice + ["--exclude-inbound-ports", "22"]
            let diff = try await sandbox.tproxy(["diff"] + other)
            #expect(diff.status == 2)
            let line = "incoming TCP over IPv4 to port 22: redirected to 15006 → not redirected"
            #expect(diff.output.contains(line), "\(diff.output)")
            let plan = try await sandbox.tproxy(["plan", "--no-preflight"] + other)
            #expect(plan.output.contains(line), "\(plan.output)")
            let json = try await sandbox.tproxy(["diff", "--output", "json"] + other)
            #expect(try await JSONSchemaCheck.problems(json.output, "diff-2") == "")
        }
    }

    /// Chains are equal and an element is added, which `diff` reads without the common elements.
    @Test func changedElementsAreReadInFull() async throws {
        try await Sandbox.with { sandbox in
            let few = Self.inputs + ["--exclude-inbound-ports", "8080"]
            _ = try await sandbox.tproxy(["apply", "--no-preflight"] + few)
            let more = Self.inputs + ["--exclude-inbound-ports", "8080,22"]
            let diff = try await sandbox.tproxy(["diff"] + more)
            #expect(
                diff.output.contains(
                    "incoming TCP over IPv4 to port 22: redirected to 15006 → not redirected"),
                "\(diff.output)")
        }
    }

    @Test func ruleAddedByHandIsComparedByItsEffect() async throws {
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(["apply", "--no-preflight"] + Self.inputs)
            try await sandbox.shell(
                "nft insert rule inet tproxy_mesh mesh_inbound tcp dport 9999 return")
            let diff = try await sandbox.tproxy(["diff"] + Self.inputs)
            #expect(
                diff.output.contains(
                    "incoming TCP over IPv4 to port 9999: not redirected → redirected to 15006"),
                "\(diff.output)")
        }
    }

    @Test func assertReadsTheLoadedRules() async throws {
        let folder = try TestFolder()
        let file = try Self.file(
            "incoming tcp over ipv4 to port 22: redirected to 15006\n", in: folder)
        try await Sandbox.with { sandbox in
            let command = ["assert", file, "--loaded"] + Self.inputs
            let nothing = try await sandbox.tproxy(command)
            #expect(nothing.status == 1, "\(nothing.output)")
            _ = try await sandbox.tproxy(["apply", "--no-preflight"] + Self.inputs)
            let proved = try await sandbox.tproxy(command)
            #expect(proved.status == 0, "\(proved.output)\(proved.errors)")
            try await sandbox.shell(
                "nft insert rule inet tproxy_mesh mesh_inbound tcp dport 22 return")
            let refuted = try await sandbox.tproxy(command)
            #expect(refuted.status == 2)
            #expect(refuted.output.contains("mesh_inbound, rule 1"), "\(refuted.output)")
        }
    }

    @Test func applyRefusesAPlanThatBreaksAnAssertion() async throws {
        let folder = try TestFolder()
        let file = try Self.file("incoming tcp to port 22: not redirected\n", in: folder)
        try await Sandbox.with { sandbox in
            let before = try await sandbox.state()
            let command = ["apply", "--no-preflight", "--assert", file] + Self.inputs
            let refused = try await sandbox.tproxy(command)
            #expect(refused.status == 1)
            for part in [
                "[assertion-refuted]", "\(file):1:1", "is redirected to 15006",
                "chain INBOUND_REDIRECT, rule 1", "help: ",
            ] {
                #expect(refused.errors.contains(part), "\(part): \(refused.errors)")
            }
            #expect(try await sandbox.state() == before)
            let plan = folder.path(of: "plan.json")
            _ = try await sandbox.tproxy(
                ["plan", "--no-preflight", "--output-file", plan] + Self.inputs)
            let refusedPlan = try await sandbox.tproxy(
                ["apply", "--plan", plan, "--no-preflight", "--assert", file])
            #expect(refusedPlan.status == 1)
            #expect(refusedPlan.errors.contains("[assertion-refuted]"))
            #expect(try await sandbox.state() == before)
            let applied = try await sandbox.tproxy(
                command + ["--exclude-inbound-ports", "22"])
            #expect(applied.status == 0, "\(applied.errors)")
        }
    }
}
