import Foundation
import Testing
import TproxyTestSupport

/// What libnftables receives, when it is used, and what happens if it fails.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct SubmissionTests {
    /// The submission that `status` reports; nil if no rules are loaded.
    private func submission(_ sandbox: Sandbox) async throws -> String? {
        let status = try await sandbox.tproxy(["status", "--output", "json"])
        let json = try JSONSerialization.jsonObject(with: Data(status.output.utf8))
        return (json as? [String: Any])?["submission"] as? String
    }

    private func apply(
        _ sandbox: Sandbox, _ more: [String] = [], environment: [String: String] = [:],
        facts: String = ApplyTests.facts
    ) async throws -> Command.Outcome {
        try await sandbox.tproxy(
            ["apply", "--facts", "-"] + more, environment: environment, input: facts)
    }

    @Test(arguments: Scenario.all)
    func libnftablesReceivesWhatPlanAndDiffPrint(scenario: Scenario) async throws {
        let shim = try await LibraryShim()
        let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]
        func apply(_ sandbox: Sandbox, _ more: [String] = []) async throws -> String {
            let done = try await sandbox.tproxy(
                ["apply"] + inputs + more, environment: shim.environment(.record),
                in: scenario.folder.path)
            #expect(done.status == 0, "\(done.errors)")
            let documents = try shim.documents()
            #expect(documents.count == 1)
            return documents.last ?? ""
        }
        try await Sandbox.with { sandbox in
            let plan = try await sandbox.tproxy(
                ["plan", "--format", "nft-json"] + inputs, in: scenario.folder.path)
            // New interval sets are submitted before the rest.
            guard !plan.output.contains("interval") else { return }
            let written = TableListing.documentWithoutTime
            #expect(try await written(apply(sandbox)) == written(plan.output))
            #expect(try await submission(sandbox) == "libnftables")

            let change = ["--redirect-inbound-port", "15099", "--exclude-outbound-ports", "7,9"]
            let diff = try await sandbox.tproxy(
                ["diff", "--format", "nft-json"] + inputs + change, in: scenario.folder.path)
            #expect(diff.status == 2)
            #expect(try await written(apply(sandbox, change)) == written(diff.output))
            let same = try await sandbox.tproxy(
                ["diff", "--format", "nft-json"] + inputs + change, in: scenario.folder.path)
            #expect(same.status == 0)
            #expect(same.output == "{\"nftables\": [\n]}\n")
        }
    }

    @Test func newIntervalSetsAreSubmittedFirst() async throws {
        let shim = try await LibraryShim()
        let networks = (1...9).map { "10.\($0 * 2).0.0/16" }.joined(separator: ",")
        try await Sandbox.with { sandbox in
            let done = try await apply(
                sandbox, ["--exclude-outbound-ips", networks],
                environment: shim.environment(.record))
            #expect(done.status == 0, "\(done.errors)")
            let documents = try shim.documents()
            #expect(documents.count == 2)
            #expect(documents.first?.contains("outbound_excluded_ipv4_ranges") == true)
            #expect(documents.first?.contains("\"rule\"") == false)
            #expect(documents.last?.contains("\"rule\"") == true)
        }
    }

    @Test(arguments: LibraryShim.Behaviour.allCases.filter { $0 != .record })
    func netlinkSubmitsAfterLibnftablesFailed(behaviour: LibraryShim.Behaviour) async throws {
        let shim = try await LibraryShim()
        try await Sandbox.with { sandbox in
            for (port, outcome) in [("15001", "installed"), ("15099", "replaced")] {
                let done = try await apply(
                    sandbox, ["--submit", "libnftables", "--redirect-outbound-port", port],
                    environment: shim.environment(behaviour))
                #expect(done.status == 0, "\(done.errors)")
                #expect(done.errors.contains("[submitted-by-netlink]"), "\(done.errors)")
                #expect(try shim.documents().count == 1)
                // Also of a load that finished before the library died.
                #expect(done.output.hasPrefix(outcome), "\(done.output)")
                let same = try await sandbox.tproxy(
                    ["diff", "--facts", "-", "--redirect-outbound-port", port],
                    input: ApplyTests.facts)
                #expect(same.status == 0, "\(same.output)")
            }
            #expect(
                try await submission(sandbox)
                    == (behaviour == .dieAfter ? "libnftables" : "netlink"))
        }
    }

    @Test(arguments: [
        ("list tables", "libnftables"),
        ("add table ip nat; add chain ip nat POSTROUTING", "libnftables"),
        ("add table inet tproxy_other; add set inet tproxy_other s { type mark; }", "libnftables"),
        ("add table inet firewalld", "netlink"),
        ("add table ip filter; add set ip filter s { type ipv4_addr; }", "netlink"),
        ("add table ip filter; add map ip filter m { type ipv4_addr : verdict; }", "netlink"),
        ("add table bridge filter", "netlink"),
    ])
    func submissionDependsOnTheHostsTables(commands: String, expected: String) async throws {
        try await Sandbox.with { sandbox in
            _ = try await sandbox.shell("nft '\(commands)'")
            let done = try await apply(sandbox)
            #expect(done.status == 0, "\(done.errors)")
            #expect(try await submission(sandbox) == expected)
        }
    }

    @Test(arguments: [(1_999, "libnftables"), (2_000, "netlink")])
    func longSetsAreSubmittedByNetlink(count: Int, expected: String) async throws {
        try await Sandbox.with { sandbox in
            // Addresses that don't adjoin, so that no two make a range.
            let list = (0..<count).map { "10.\($0 / 100).\($0 % 100).1" }.joined(separator: ",")
            let done = try await apply(sandbox, ["--exclude-outbound-ips", list])
            #expect(done.status == 0, "\(done.errors)")
            #expect(try await submission(sandbox) == expected)
            // A short list that replaces the long one is submitted in the same way.
            _ = try await apply(sandbox)
            #expect(try await submission(sandbox) == expected)
        }
    }

    @Test func submitFlagIsRefusedForOtherBackends() async throws {
        let done = try await Command.tproxy(
            ["apply", "--backend", "iptables-nft", "--submit", "netlink"])
        #expect(done.status != 0)
        #expect(done.errors.contains("--submit is for --backend nft"))
    }
}
