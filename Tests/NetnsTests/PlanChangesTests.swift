import Foundation
import Testing
import TproxyTestSupport

/// `diff` and `plan` name the rules of the plan that differ from what the kernel has, with every
/// backend.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct PlanChangesTests {
    /// A change of one setting, and the changes of rules that it is.
    struct Case: Sendable, CustomStringConvertible {
        var setting: [String]
        var changes: [String]

        var description: String { setting.joined(separator: " ") }
    }

    private static let cases = [
        Case(
            setting: ["--exclude-outbound-ports", "8080"],
            changes: ["added chain OUTBOUND [1] excluded port"]),
        Case(
            setting: ["--exclude-inbound-ports", "22"],
            changes: ["added chain INBOUND [1] excluded port"]),
        Case(
            setting: ["--redirect-outbound-port", "15099"],
            changes: ["changed chain OUTBOUND_REDIRECT [1] to the proxy outbound"]),
        Case(
            setting: ["--exclude-outbound-ips", "10.0.0.0/8,fd00:8::/64,192.0.2.1"],
            changes: ["added nat output first [1, 2] excluded destination"]),
        Case(
            setting: ["--exclude-outbound-ports-for-uids", "tcp:22:1000,udp:53:1001-1003"],
            changes: ["added nat output first [1] excluded owner and port"]),
        Case(
            setting: ["--kuma-dp-user", "4242"],
            changes: [
                "changed chain OUTBOUND [3, 4] proxy to this host's own address",
                "changed chain OUTBOUND [5] local traffic between processes",
                "changed chain OUTBOUND [6] proxy's own traffic",
            ]),
    ]

    @Test(arguments: cases, BackendUnderTest.allCases)
    func oneSettingIsTheChangeOfItsRules(case change: Case, backend: BackendUnderTest) async throws
    {
        try await Sandbox.with { sandbox in
            let inputs = ["--backend", backend.backend, "--facts", "-"]
            let applied = try await sandbox.tproxy(
                backend.apply + ["--facts", "-"], input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
            func diff(_ setting: [String]) async throws -> [String]? {
                let found = try await sandbox.tproxy(
                    ["diff", "--output", "json"] + inputs + setting, input: ApplyTests.facts)
                #expect(found.status == 2, "\(found.errors)")
                #expect(try await JSONSchemaCheck.problems(found.output, "diff-2") == "")
                return try Self.changes(found.output)
            }
            #expect(try await diff(change.setting) == change.changes)

            let text = try await sandbox.tproxy(
                ["diff"] + inputs + change.setting, input: ApplyTests.facts)
            #expect(!text.output.contains("mesh_") && !text.output.contains("KUMA_MESH_OUT"))

            let next = try await sandbox.tproxy(
                backend.apply + ["--facts", "-"] + change.setting, input: ApplyTests.facts)
            #expect(next.output.hasPrefix("replaced"), "\(next.errors)")
            let same = try await sandbox.tproxy(
                ["diff"] + inputs + change.setting, input: ApplyTests.facts)
            #expect(same.status == 0, "\(same.output)")
            #expect(same.output.hasPrefix("no changes: "))
            // Back again: what was added is removed, and what was changed is changed.
            #expect(try await diff([])?.count == change.changes.count)
        }
    }

    private static func changes(_ json: String) throws -> [String]? {
        struct Report: Decodable {
            struct Change: Decodable {
                struct Rule: Decodable {
                    var reason: String
                }
                var change: String
                var list: String
                var numbers: [Int]
                var rule: Rule
            }
            var changes: [Change]?
        }
        return try JSONDecoder().decode(Report.self, from: Data(json.utf8)).changes?.map {
            "\($0.change) \($0.list) \($0.numbers) \($0.rule.reason)"
        }
    }

    /// A family's rules come and go; those for both stay, and aren't named.
    @Test(arguments: BackendUnderTest.allCases)
    func familyThatIsAddedOrRemovedIsNamed(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let inputs = ["--backend", backend.backend, "--facts", "-"]
            _ = try await sandbox.tproxy(
                backend.apply + ["--facts", "-"], input: ApplyTests.facts)
            let without = try await sandbox.tproxy(
                ["diff", "--ip-family-mode", "ipv4"] + inputs, input: ApplyTests.facts)
            #expect(without.status == 2)
            #expect(without.output.contains("- rules for IPv6"), "\(without.output)")
            #expect(without.output.contains("to ::1"))
            // The packets that are treated differently follow the rules.
            let rules = without.output.split(separator: "traffic that changes").first ?? ""
            #expect(!rules.contains("outgoing TCP"), "\(without.output)")
        }
    }

    /// The name of the loaded rules, the version, the time, whether they are in force and whether
    /// the proxy listens are the first lines of `status`.
    @Test(arguments: BackendUnderTest.allCases)
    func statusBeginsWithWhatMatters(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(
                backend.apply + ["--facts", "-", "--exclude-outbound-ports", "8080"],
                input: ApplyTests.facts)
            let status = try await sandbox.tproxy(["status"])
            #expect(status.status == 0, "\(status.errors)")
            let lines = status.output.split(separator: "\n", omittingEmptySubsequences: false)
            try #require(lines.count > 5, "\(status.output)")
            #expect(
                lines[1].contains(
                    /^loaded by tproxy \S+ at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/),
                "\(status.output)")
            #expect(lines[2].hasPrefix("intact"), "\(status.output)")
            #expect(lines[3].hasPrefix("in force on output and prerouting"), "\(status.output)")
            #expect(
                lines[4] == "proxy NOT LISTENING on tcp 15001, tcp 15006", "\(status.output)")
            #expect(status.output.contains("no packet has matched a rule"))
            #expect(status.output.contains("  outgoing TCP: UID 5678, port 8080"))
        }
    }

    @Test func ruleThatWasAddedByHandIsListedAsSuch() async throws {
        try await Sandbox.with { sandbox in
            let inputs = ["--facts", "-"]
            _ = try await sandbox.tproxy(["apply"] + inputs, input: ApplyTests.facts)
            try await sandbox.shell("nft add rule inet tproxy_mesh mesh_outbound tcp dport 99 drop")
            let diff = try await sandbox.tproxy(["diff"] + inputs, input: ApplyTests.facts)
            #expect(diff.status == 2)
            #expect(diff.output.contains("changed by hand"), "\(diff.output)")
            #expect(diff.output.contains("chain mesh_outbound (inet tproxy_mesh)"))
        }
    }
}
