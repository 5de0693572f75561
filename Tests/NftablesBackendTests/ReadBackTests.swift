import Addressing
import Foundation
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// A table that is read back treats every packet as its ruleset does.
@Suite struct ReadBackTests {
    private let backend = NftablesBackend(version: "1")

    private func follow(_ rules: ListedRules) -> ListedHookRules {
        ListedHookRules([.init(rules, zonesEnd: true)], loopback: .loopback)
    }

    @Test(arguments: Scenario.all)
    func tableReadBackGivesEveryPacketTheSameOutcome(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let read = follow(try backend.expectedRules(ruleset))
        #expect(read.inexpressible == [])
        let wanted = RuleTrace(ruleset)
        let loaded = RuleTrace(read.rules)
        for family in AddressFamily.allCases {
            for packet in try PacketSample.packets(family, for: ruleset) {
                let expected = wanted.explain(packet)
                let found = loaded.explain(packet)
                #expect(found.conntrackZone == expected.conntrackZone, "\(packet)")
                guard ruleset.families.contains(family) else {
                    // A rule bypasses the proxy for the other family.
                    #expect(found.outcome == .bypassed || found.outcome == .untouched, "\(packet)")
                    continue
                }
                #expect(found.outcome == expected.outcome, "\(packet)")
                guard ruleset.hasComments else { continue }
                #expect(found.decisive?.rule.rationale == expected.decisive?.rule.rationale)
            }
        }
    }

    /// The document that `plan` prints is read like the loaded table.
    @Test(arguments: Scenario.all)
    func printedDocumentReadsBackAsItsTable(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let json = try NftablesEmitter(version: "1").emit(ruleset).json
        #expect(try NftListing.read(json) == backend.expectedRules(ruleset))
    }

    private func read(_ rule: String) throws -> ListedRules {
        try NftListing.read(
            """
            {"nftables": [
              {"table": {"family": "ip", "name": "t"}},
              {"chain": {"family": "ip", "table": "t", "name": "out", "type": "nat",
                "hook": "output", "prio": -100, "policy": "accept"}},
              {"rule": {"family": "ip", "table": "t", "chain": "out", "expr": [\(rule)]}}]}
            """)
    }

    @Test(arguments: [
        (
            #"{"match": {"op": "!=", "left": {"meta": {"key": "skuid"}}, "right": 5}}, {"return": null}"#,
            "meta skuid != 5 return"
        ),
        (
            #"{"match": {"op": "!=", "left": {"meta": {"key": "oifname"}}, "right": "lo"}}, {"accept": null}"#,
            "meta oifname != lo accept"
        ),
        (#"{"masquerade": null}"#, "masquerade"),
        (#"{"dnat": {"addr": "192.0.2.1", "port": 80}}"#, "dnat addr 192.0.2.1 port 80"),
        (#"{"mangle": {"key": {"ct": {"key": "zone"}}, "value": 1}}"#, "ct zone set 1"),
        (
            #"{"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["new", "established"]}}, {"drop": null}"#,
            "ct state new, established drop"
        ),
        (#"{"log": {"prefix": "mine"}}"#, "log prefix mine"),
        (#"{"xt": {"type": "match", "name": "addrtype"}}"#, "xt name addrtype type match"),
    ])
    func opaqueRulesKeepTheirText(rule: String, words: String) throws {
        let entry = try #require(read(rule).tables.first?.chains.first?.entries.first)
        guard case .native(let native) = entry else {
            Issue.record("read as \(entry)")
            return
        }
        #expect(native.text == words)
    }

    /// Anonymous sets, ranges, and a protocol match on the IP header.
    @Test func foreignRulesAreRead() throws {
        let match = { (left: String, right: String) in
            #"{"match": {"op": "==", "left": {\#(left)}, "right": \#(right)}}"#
        }
        let header = match(#""payload": {"protocol": "ip", "field": "protocol"}"#, #""tcp""#)
        let port = match(
            #""payload": {"protocol": "th", "field": "dport"}"#,
            #"{"set": [22, {"range": [8000, 8010]}]}"#)
        let address = match(
            #""payload": {"protocol": "ip", "field": "daddr"}"#,
            #"{"range": ["192.0.2.1", "192.0.2.6"]}"#)
        let read = follow(
            try read("\(header), \(port), \(address), {\"redirect\": {\"port\": 15001}}"))
        #expect(read.inexpressible == [])
        let trace = RuleTrace(read.rules)
        let to = try #require(Port(15001))
        for (destination, port, outcome): (String, UInt32, Explanation.Outcome) in [
            ("192.0.2.6", 8005, .redirected(to: to)), ("192.0.2.1", 22, .redirected(to: to)),
            ("192.0.2.7", 22, .untouched), ("192.0.2.1", 23, .untouched),
        ] {
            let packet = try Packet.out(.tcp, to: destination, port)
            #expect(trace.explain(packet).outcome == outcome, "\(packet)")
        }
    }

    /// A chain that returns doesn't keep the next table's chain from running.
    @Test func chainsOfSeveralTablesRunByPriority() throws {
        func table(_ name: String, _ priority: Int, _ rules: String) -> String {
            #"""
            {"table": {"family": "inet", "name": "\#(name)"}},
            {"chain": {"family": "inet", "table": "\#(name)", "name": "out", "type": "nat",
              "hook": "output", "prio": \#(priority), "policy": "accept"}},
            {"rule": {"family": "inet", "table": "\#(name)", "chain": "out", "expr": [\#(rules)]}}
            """#
        }
        let tcp = #"{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "tcp"}}"#
        let found = try NftListing.read(
            """
            {"nftables": [\(table("late", -90, tcp + #", {"redirect": {"port": 2}}"#)),
              \(table("early", -110, #"{"return": null}"#))]}
            """
        )
        let read = follow(found)
        #expect(read.inexpressible == [])
        let packet = try Packet.out(.tcp, to: "192.0.2.1", 80)
        let to = try #require(Port(2))
        #expect(RuleTrace(read.rules).explain(packet).outcome == .redirected(to: to))
    }

    @Test(arguments: ["", "{", "[]", "{\"nftables\": 1}", "nonsense"])
    func textThatIsNoListingIsAnError(text: String) {
        #expect(throws: NftListing.Unreadable.self) { try NftListing.read(text) }
    }

    @Test(arguments: ["{\"nftables\": []}", "{\"nftables\": [1, null, {\"rule\": {\"expr\": 1}}]}"])
    func listingWithoutTablesIsEmpty(text: String) throws {
        #expect(try NftListing.read(text).tables.isEmpty)
    }
}
