import Foundation
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// Rules that are added to our table by hand are read; those that the IR can't express stay in
/// nft's syntax.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct OpaqueRulesTests {
    /// The rule for nft, and the text that is shown.
    private static let opaque: [(rule: String, words: String)] = [
        ("tcp dport != 22 accept", "tcp dport != 22 accept"),
        ("tcp dport > 1024 drop", "tcp dport > 1024 drop"),
        ("tcp dport != 80-90 drop", "tcp dport != 80-90 drop"),
        ("meta skuid != 5 return", "meta skuid != 5 return"),
        ("meta skuid 1000-2000 return", "meta skuid 1000-2000 return"),
        ("oifname != \"lo\" accept", "meta oifname != lo accept"),
        ("iif lo meta l4proto sctp accept", "meta iif lo meta l4proto sctp accept"),
        ("meta mark 0x10 return", "meta mark 16 return"),
        ("meta mark & 0xff == 0x10 return", "meta mark & 255 == 16 return"),
        ("ct state new,established drop", "ct state established, new drop"),
        ("ct mark 7 return", "ct mark 7 return"),
        ("ct original zone 3 return", "ct original zone 3 return"),
        ("ip ttl 1 drop", "ip ttl 1 drop"),
        ("icmpv6 type 128 drop", "icmpv6 type 128 drop"),
        ("@th,160,8 3 drop", "@th,160,8 0x03 drop"),
        (
            "ip daddr 192.0.2.1 tcp dport 80 dnat ip to 192.0.2.2:81",
            "ip daddr 192.0.2.1 tcp dport 80 dnat addr 192.0.2.2 family ip port 81"
        ),
        (
            "meta l4proto tcp dnat ip to 192.0.2.2-192.0.2.9",
            "meta l4proto tcp dnat addr 192.0.2.2-192.0.2.9 family ip"
        ),
        ("meta l4proto tcp redirect", "meta l4proto tcp redirect"),
        ("limit rate 10/minute return", "limit burst 5 per minute rate 10 return"),
        ("meta mark set 3", "meta mark set 3"),
        ("log prefix \"x\" group 2", "log group 2 prefix x"),
        ("log prefix \"x\" level debug", "log level debug prefix x"),
        ("fib daddr type local drop", "fib 0x02000000 drop"),
        ("tcp dport vmap { 22 : accept, 80 : drop }", "tcp dport vmap { 22, 80 }"),
        (
            "meta skuid . tcp dport { 5 . 80, 6 . 81 } return",
            "meta skuid . tcp dport { 5 . 80, 6 . 81 } return"
        ),
        ("ip6 daddr . tcp dport { ::1 . 80 } return", "ip6 daddr . tcp dport @__set return"),
        (
            "meta l4proto { tcp, udp } th dport 53 drop",
            "meta l4proto { tcp, udp } th dport 53 drop"
        ),
        ("ip saddr & 255.0.0.255 == 10.0.0.1 drop", "ip saddr & 255.0.0.255 == 10.0.0.1 drop"),
        ("notrack", "notrack"),
    ]

    /// Rules that the IR can express.
    private static let readable = [
        "tcp dport 22 drop", "ip daddr 192.0.2.0/24 return", "ip saddr 10.0.0.0/9 drop",
        "ip6 daddr 2001:db8::/33 accept", "ip daddr 10.0.0.0-10.0.0.6 return",
        "ip protocol tcp tcp dport 80 return", "tcp dport { 22, 80-90 } return",
        "ip daddr { 192.0.2.1, 198.51.100.0/24 } udp dport 53 return", "meta skuid 7 return",
        "meta skuid 5-9 tcp dport 80 return", "iifname \"docker*\" accept", "oifname \"lo\" drop",
        "ct state invalid drop", "meta nfproto ipv6 return", "meta l4proto udp return",
        "tcp sport 1000 tcp dport 2000 return", "ip saddr 10.0.0.1 ip daddr 10.0.0.2 return",
        "ip saddr != 10.0.0.1 return", "udp dport 53 redirect to :15053", "counter accept",
        "ip6 nexthdr udp return",
        "ip daddr 10.0.0.0/8 tcp dport 80 return comment \"why not\"",
    ]

    private let backend = NftablesBackend(version: "test")

    /// Runs `body` with a loaded table, to one of whose chains the rules were added.
    private func adding(
        _ rules: [String], to chain: String, _ body: ([ListedEntry]) async throws -> Void
    ) async throws {
        try PrivateNamespace.require()
        let scenario = try #require(Scenario.all.first { $0.name == "default" })
        _ = try backend.remove(.mesh)
        var ruleset = try scenario.compile().ruleset
        ruleset.prerequisites = []
        _ = try backend.apply(ruleset)
        let before = try entries(chain)
        for rule in rules {
            let added = try await Command.run("nft", ["add rule inet tproxy_mesh \(chain) \(rule)"])
            #expect(added.status == 0, "\(rule): \(added.errors)")
        }
        let after = try entries(chain)
        #expect(Array(after.prefix(before.count)) == before)
        try await body(Array(after.dropFirst(before.count)))
        #expect(try backend.installed(.mesh)?.isIntact == false)
        _ = try backend.remove(.mesh)
    }

    private func entries(_ chain: String) throws -> [ListedEntry] {
        let loaded = try #require(try backend.readBack(.mesh))
        let table = try #require(loaded.rules.tables.first)
        return try #require(table.chain(named: chain)).entries
    }

    @Test func opaqueRulesAreShownInNftsSyntax() async throws {
        try await adding(Self.opaque.map(\.rule), to: "mesh_inbound") { entries in
            #expect(entries.count == Self.opaque.count)
            for (entry, expected) in zip(entries, Self.opaque) {
                guard case .native(let native) = entry else {
                    Issue.record("\(expected.rule) was read as \(entry)")
                    continue
                }
                let words = native.text.replacing(/@__set[0-9]+/, with: "@__set")
                #expect(words == expected.words)
            }
        }
    }

    /// A rule from the kernel equals the one from nft's JSON listing.
    @Test func readableRulesEqualThoseOfAListing() async throws {
        try await adding(Self.readable, to: "mesh_inbound") { entries in
            let listing = try await Command.run(
                "nft", ["-j", "list", "table", "inet", "tproxy_mesh"])
            let listed = try NftListing.read(listing.output)
            let chain = try #require(listed.tables.first?.chain(named: "mesh_inbound"))
            #expect(entries.count == Self.readable.count)
            for ((entry, expected), rule) in zip(
                zip(entries, chain.entries.suffix(entries.count)), Self.readable)
            {
                #expect(entry == expected, "\(rule)")
                guard case .readable = entry else {
                    Issue.record("\(rule) was read as opaque")
                    continue
                }
            }
        }
    }

    /// Through the commands: a foreign rule, chain and map.
    @Test func statusAndDiffReportForeignObjectsInOurTable() async throws {
        try await Sandbox.with { sandbox in
            let facts = ApplyTests.facts
            let applied = try await sandbox.tproxy(["apply", "--facts", "-"], input: facts)
            #expect(applied.status == 0, "\(applied.errors)")
            try await sandbox.shell(
                """
                nft -f - <<'E'
                add map inet tproxy_mesh m { type inet_service : verdict; }
                add element inet tproxy_mesh m { 22 : accept }
                add chain inet tproxy_mesh mine { type filter hook input priority 5; policy drop; }
                add rule inet tproxy_mesh mine tcp dport vmap @m
                insert rule inet tproxy_mesh mesh_inbound fib daddr type local counter drop
                E
                """)
            let status = try await sandbox.tproxy(["status"])
            #expect(status.status == 2, "\(status.output)")
            #expect(status.output.contains("mine"), "\(status.output)")
            let diff = try await sandbox.tproxy(["diff", "--facts", "-"], input: facts)
            #expect(diff.status == 2, "\(diff.errors)")
            for words in ["tcp dport vmap @m", "fib 0x02000000 drop", "mine"] {
                #expect(diff.output.contains(words), "\(words): \(diff.output)")
            }
            let again = try await sandbox.tproxy(["apply", "--facts", "-"], input: facts)
            #expect(again.output.hasPrefix("replaced"), "\(again.errors)")
            #expect(try await sandbox.tproxy(["diff", "--facts", "-"], input: facts).status == 0)
            #expect(try await !sandbox.shell("nft list maps").contains("map m"))
        }
    }
}
