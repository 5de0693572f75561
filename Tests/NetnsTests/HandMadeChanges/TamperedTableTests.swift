import Foundation
import Testing
import TproxyTestSupport

/// status, diff and apply notice changes of the table, by an admin or through a crafted list.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct TamperedTableTests {
    private static let large = (0..<3000).map { "10.\($0 >> 8).\($0 & 255).0/25" }

    /// A small set, a large one with intervals, and a large one without.
    private static func configuration(_ prefixes: [String]) -> String {
        let ports = (0..<3000).map { "\(10_000 + 2 * $0)" }.joined(separator: ", ")
        return """
            redirect:
              inbound:
                excludePorts: [81, 83]
              outbound:
                excludePorts: [\(ports)]
                excludePortsForIPs:
            \(prefixes.map { "      - \"\($0)\"" }.joined(separator: "\n"))
            """
    }

    /// Runs `body` where the configuration is loaded.
    private func loading(
        _ prefixes: [String],
        _ body: (Sandbox, _ inputs: [String], _ yaml: String) async throws -> Void
    ) async throws {
        let folder = try TestFolder()
        let facts = folder.path(of: "facts.json")
        try ApplyTests.facts.write(toFile: facts, atomically: true, encoding: .utf8)
        let inputs = ["--config", "-", "--facts", facts]
        let yaml = Self.configuration(prefixes)
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(["apply"] + inputs, input: yaml)
            #expect(applied.output.hasPrefix("installed"), "\(applied.output)\(applied.errors)")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
            try await body(sandbox, inputs, yaml)
        }
    }

    private static let rule =
        "$(nft -a list chain inet tproxy_mesh mesh_outbound_redirect"
        + " | sed -n 's/.*redirect to.*# handle //p')"

    @Test(arguments: [
        "nft add table inet tproxy_mesh '{ flags dormant; }'",
        "nft add chain inet tproxy_mesh nat_output_last '{ policy drop; }'",
        "nft delete element inet tproxy_mesh inbound_excluded_ports '{ 83 }'",
        "nft add element inet tproxy_mesh inbound_excluded_ports '{ 22 }'",
        "nft delete element inet tproxy_mesh outbound_excluded_ports '{ 12000 }'",
        "nft add element inet tproxy_mesh outbound_excluded_ipv4_ranges '{ 192.0.2.0/24 }'",
        """
        nft 'delete element inet tproxy_mesh outbound_excluded_ipv4_ranges { 10.1.1.0/25 }
        add element inet tproxy_mesh outbound_excluded_ipv4_ranges { 10.1.1.0/26 }'
        """,
        // Also a set that can't be changed into the planned one.
        """
        nft -f - <<E
        flush chain inet tproxy_mesh nat_output_last
        delete set inet tproxy_mesh outbound_excluded_ipv4_ranges
        add set inet tproxy_mesh outbound_excluded_ipv4_ranges { type ipv4_addr; flags interval, timeout; }
        E
        """,
        """
        nft 'delete element inet tproxy_mesh identity { 3 }
        add element inet tproxy_mesh identity { 3 comment "address none" }'
        """,
        "nft replace rule inet tproxy_mesh mesh_outbound_redirect handle \(rule) accept",
        // Other rules, and a forged stamp for the next generation.
        """
        nft -f - <<E
        replace rule inet tproxy_mesh mesh_outbound_redirect handle \(rule) accept
        add element inet tproxy_mesh identity { 99 comment "seal 00ff" }
        E
        """,
    ])
    func changeByHandIsReportedAndRepaired(change: String) async throws {
        try await loading(Self.large) { sandbox, inputs, yaml in
            let listing = "nft --stateless list table inet tproxy_mesh"
            let before = TableListing.withoutAddress(try await sandbox.shell(listing))
            try await sandbox.shell(change)
            #expect(try await sandbox.tproxy(["status"]).status == 2, "\(change)")
            #expect(try await sandbox.tproxy(["diff"] + inputs, input: yaml).status == 2)
            let repaired = try await sandbox.tproxy(["apply"] + inputs, input: yaml)
            #expect(repaired.output.hasPrefix("replaced"), "\(repaired.output)\(repaired.errors)")
            let after = TableListing.withoutAddress(try await sandbox.shell(listing))
            #expect(after == before, "\(change)")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
            #expect(try await sandbox.tproxy(["diff"] + inputs, input: yaml).status == 0)
        }
    }

    /// Two lists that version 0.1 did not distinguish: in both, each end of the range made its hash
    /// zero.
    @Test func listWithTheHashOfAnotherIsLoaded() async throws {
        func list(_ start: String, _ end: String) -> [String] {
            // The addresses between both ends, from the first one up and from the last one down.
            let low = UInt64(0xbb67_ae85_84ca_a73b)
            let high = UInt64(0xa54f_f53a_5f1d_36f1)
            var prefixes: [String] = []
            func add(_ network: String, _ bits: UInt64, _ free: Int) {
                let words = stride(from: 48, through: 0, by: -16).map {
                    String(bits >> UInt64($0) & 0xFFFF, radix: 16)
                }
                prefixes.append("\(network):\(words.joined(separator: ":"))/\(128 - free)")
            }
            add(start, low, 0)
            for bit in 0..<64 where low >> UInt64(bit) & 1 == 0 {
                add(start, (low >> UInt64(bit) | 1) << UInt64(bit), bit)
            }
            for bit in 0..<64 where high >> UInt64(bit) & 1 == 1 {
                add(end, (high >> UInt64(bit) & ~1) << UInt64(bit), bit)
            }
            add(end, high, 0)
            return prefixes
        }
        let one = list("2001:db8:0:1", "2001:db8:0:2")
        let other = list("2001:db8:0:5", "2001:db8:0:6")
        try await loading(one) { sandbox, inputs, _ in
            let yaml = Self.configuration(other)
            #expect(try await sandbox.tproxy(["diff"] + inputs, input: yaml).status == 2)
            _ = try await sandbox.tproxy(["apply"] + inputs, input: yaml)
            let set = try await sandbox.shell(
                "nft list set inet tproxy_mesh outbound_excluded_ipv6_ranges")
            #expect(set.contains("2001:db8:0:5:bb67:ae85:84ca:a73b"), "\(set)")
            #expect(!set.contains("2001:db8:0:1:"), "\(set)")
        }
    }
}

/// A load that ended between its two transactions: the rules are the old ones, and status reports
/// it.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct InterruptedLoadTests {
    private let inputs = ["--config", "-", "--facts", "facts.json"]
    private static let yaml = """
        redirect:
          outbound:
            excludePortsForIPs:
        \((0..<9).map { "      - 10.\(2 * $0).0.0/16" }.joined(separator: "\n"))
        """

    private func run(_ body: (Sandbox, _ folder: String) async throws -> Void) async throws {
        let folder = try #require(Scenario.all.first { $0.name == "default" }).folder.path
        try await Sandbox.with { try await body($0, folder) }
    }

    @Test(arguments: [true, false])
    func loadKilledBetweenItsTransactionsIsFinishedOrRemoved(isFirst: Bool) async throws {
        try await run { sandbox, folder in
            let untouched = try await sandbox.state()
            if !isFirst {
                _ = try await sandbox.tproxy(
                    ["apply", "--facts", "facts.json"], in: folder)
            }
            let before = try await sandbox.shell(
                "nft list ruleset | grep -E 'hook|redirect'; true")
            for last in [["apply"] + inputs, ["remove"]] {
                _ = try await sandbox.tproxy(
                    ["apply"] + inputs, environment: ["TPROXY_FAULT": "tableSubmit:2:kill"],
                    input: Self.yaml, in: folder)
                let rules = try await sandbox.shell(
                    "nft list ruleset | grep -E 'hook|redirect'; true")
                if last[0] == "apply" { #expect(rules == before) }
                let status = try await sandbox.tproxy(["status"])
                #expect(status.status == 2)
                #expect(status.output.contains("INTERRUPTED"), "\(status.output)")
                let diff = try await sandbox.tproxy(
                    ["diff"] + inputs, input: Self.yaml, in: folder)
                #expect(diff.status == 2, "\(diff.output)\(diff.errors)")
                let ended = try await sandbox.tproxy(last, input: Self.yaml, in: folder)
                #expect(ended.status == 0, "\(ended.output)\(ended.errors)")
                guard last[0] == "apply" else { break }
                #expect(try await sandbox.tproxy(["status"]).status == 0)
                let whole = try await sandbox.tproxy(
                    ["diff"] + inputs, input: Self.yaml, in: folder)
                #expect(whole.status == 0, "\(whole.output)\(whole.errors)")
                // Back to a state in which the next load has a new set again.
                let back =
                    isFirst
                    ? try await sandbox.tproxy(["remove"])
                    : try await sandbox.tproxy(["apply", "--facts", "facts.json"], in: folder)
                #expect(back.status == 0, "\(back.output)\(back.errors)")
            }
            #expect(try await sandbox.state() == untouched)
        }
    }

    /// Sets that were loaded for refused rules are removed again.
    @Test(arguments: [true, false])
    func refusedRulesLeaveTheOldRuleset(isFirst: Bool) async throws {
        try await run { sandbox, folder in
            if !isFirst {
                _ = try await sandbox.tproxy(["apply", "--facts", "facts.json"], in: folder)
            }
            let before = try await sandbox.shell("nft --stateless list ruleset")
            let refused = try await sandbox.tproxy(
                ["apply", "--submit", "netlink"] + inputs,
                environment: ["TPROXY_FAULT": "tableSubmit:2:EINVAL"],
                input: Self.yaml, in: folder)
            #expect(refused.status == 1, "\(refused.output)")
            #expect(try await sandbox.shell("nft --stateless list ruleset") == before)
        }
    }
}
