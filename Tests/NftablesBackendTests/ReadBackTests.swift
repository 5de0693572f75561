import Addressing
import Foundation
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// A table read back means to every packet what it was made from.
@Suite struct ReadBackTests {
    private let backend = NftablesBackend(version: "1")

    private func expectSame(_ loaded: Ruleset, _ wanted: Ruleset) throws {
        let loadedTrace = RuleTrace(loaded)
        let wantedTrace = RuleTrace(wanted)
        let loadedPlaces = Self.places(loaded)
        let wantedPlaces = Self.places(wanted)
        for family in AddressFamily.allCases {
            for packet in try PacketSample.packets(family, for: wanted) {
                let expected = wantedTrace.explain(packet)
                let found = loadedTrace.explain(packet)
                #expect(found.outcome == expected.outcome, "\(packet)")
                #expect(found.conntrackZone == expected.conntrackZone, "\(packet)")
                guard wanted.hasComments else { continue }
                #expect(found.decisive?.rule.rationale == expected.decisive?.rule.rationale)
                #expect(
                    found.decisive.flatMap { loadedPlaces[$0.rule.place] }
                        == expected.decisive.flatMap { wantedPlaces[$0.rule.place] }, "\(packet)")
            }
        }
    }

    /// Where each rule stands, with rules that do the same for the same reason counted as one: a rule
    /// of the IR may be lowered to several.
    private static func places(_ ruleset: Ruleset) -> [String: String] {
        var places: [String: String] = [:]
        var last: (list: RuleLocation.List, rule: Rule)?
        var number = 0
        for (location, rule) in ruleset.locatedRules {
            if last?.list != location.list {
                number = 0
            } else if last?.rule.rationale != rule.rationale || last?.rule.action != rule.action {
                number += 1
            }
            last = (location.list, rule)
            places["\(location)"] = "\(location.list), \(number)"
        }
        return places
    }

    @Test(arguments: Scenario.all)
    func everyPacketMeetsTheSame(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let read = try backend.foreseen(ruleset).expressible()
        #expect(read.leftOut == [])
        #expect(Set(read.ruleset.families) == Set(ruleset.families))
        try expectSame(read.ruleset, Self.asLowered(ruleset))
    }

    /// With exemptions at the end of `first` at the head of `last`: where nftables has them, and where
    /// they are read from.
    private static func asLowered(_ ruleset: Ruleset) -> Ruleset {
        var lowered = ruleset
        lowered.baseChains = ruleset.baseChains.map { base in
            BaseChain(
                base.stage, base.hook, first: Array(base.early),
                last: base.first.dropFirst(base.early.count) + base.last)
        }
        return lowered
    }

    /// What was read back is lowered to the very same rules, but for the numbers in chains' names: a
    /// rule of the IR may have been lowered to several.
    @Test(arguments: Scenario.all)
    func readingIsUndoneByLowering(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let found = try backend.foreseen(ruleset)
        let again = try backend.foreseen(found.expressible().ruleset)
        for table in found.tables {
            let other = try #require(again.tables.first { $0.name == table.name })
            #expect(other.sets == table.sets)
            #expect(Self.withoutNumbers(other.chains) == Self.withoutNumbers(table.chains))
        }
    }

    private static func withoutNumbers(_ chains: [FoundChain]) -> [String] {
        chains.map { chain in
            "\(chain.name) \(chain.entries)".replacing(/_past_[1-9][0-9]*/, with: "_past_n")
        }.sorted()
    }

    /// The document that `plan` prints is read as its table would be.
    @Test(arguments: Scenario.all)
    func aPrintedPlanIsRead(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let json = try NftablesEmitter(version: "1").emit(ruleset).json
        #expect(try NftListing.read(json) == backend.foreseen(ruleset))
    }

    private func read(_ rule: String) throws -> Expressible {
        try NftListing.read(
            """
            {"nftables": [
              {"table": {"family": "ip", "name": "t"}},
              {"chain": {"family": "ip", "table": "t", "name": "out", "type": "nat",
                "hook": "output", "prio": -100, "policy": "accept"}},
              {"rule": {"family": "ip", "table": "t", "chain": "out", "expr": [\(rule)]}}]}
            """
        ).expressible([.ipv4])
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
    func whatTheIRCantSayIsLeftOutByName(rule: String, words: String) throws {
        let read = try read(rule)
        #expect(
            read.leftOut == [
                LeftOut(table: "ip t", chain: "out", rule: 1, text: words, reason: .noWords)
            ])
        #expect(read.ruleset.baseChains.isEmpty)
    }

    /// Sets without a name, ranges, and the protocol in the address's header.
    @Test func rulesOfOthersAreRead() throws {
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
        let read = try read("\(header), \(port), \(address), {\"redirect\": {\"port\": 15001}}")
        #expect(read.leftOut == [])
        let trace = RuleTrace(read.ruleset)
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
    @Test func chainsOfSeveralTablesRunOneAfterTheOther() throws {
        func table(_ name: String, _ priority: Int, _ rules: String) -> String {
            #"""
            {"table": {"family": "inet", "name": "\#(name)"}},
            {"chain": {"family": "inet", "table": "\#(name)", "name": "out", "type": "nat",
              "hook": "output", "prio": \#(priority), "policy": "accept"}},
            {"rule": {"family": "inet", "table": "\#(name)", "chain": "out", "expr": [\#(rules)]}}
            """#
        }
        let tcp = #"{"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "tcp"}}"#
        let read = try NftListing.read(
            """
            {"nftables": [\(table("late", -90, tcp + #", {"redirect": {"port": 2}}"#)),
              \(table("early", -110, #"{"return": null}"#))]}
            """
        ).expressible()
        #expect(read.leftOut == [])
        let packet = try Packet.out(.tcp, to: "192.0.2.1", 80)
        let to = try #require(Port(2))
        #expect(RuleTrace(read.ruleset).explain(packet).outcome == .redirected(to: to))
    }

    @Test(arguments: ["", "{", "[]", "{\"nftables\": 1}", "nonsense"])
    func whatIsNoListingIsAnError(text: String) {
        #expect(throws: NftListing.Unreadable.self) { try NftListing.read(text) }
    }

    @Test(arguments: ["{\"nftables\": []}", "{\"nftables\": [1, null, {\"rule\": {\"expr\": 1}}]}"])
    func whatSaysNothingIsEmpty(text: String) throws {
        #expect(try NftListing.read(text).tables.isEmpty)
    }
}
