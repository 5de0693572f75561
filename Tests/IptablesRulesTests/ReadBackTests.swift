import Addressing
import Foundation
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import IptablesRules

/// The listed rules of a scenario have the same outcome for every packet as its ruleset.
@Suite struct ReadBackTests {
    /// Returns the recorded output of iptables-nft-save(8), by family.
    private func listings(_ scenario: Scenario) throws -> [AddressFamily: SavedText] {
        let text = try String(
            contentsOfFile: scenario.path(of: "listed-by-iptables.txt"), encoding: .utf8)
        var texts: [AddressFamily: String] = [:]
        var family = AddressFamily.ipv4
        for line in text.split(separator: "\n") {
            if line.hasPrefix("#") { family = line.contains("ip6tables") ? .ipv6 : .ipv4 }
            texts[family, default: ""] += line + "\n"
        }
        return try texts.mapValues { try SavedText($0) }
    }

    private func expectedRules(_ ruleset: Ruleset, _ family: AddressFamily) -> ListedRules {
        ListedRules(ReadBack.tables(FamilyLowering.tables(of: ruleset, family), family))
    }

    private func follow(_ rules: ListedRules) -> ListedHookRules {
        ListedHookRules([.init(rules, zonesEnd: false)], loopback: .loopback)
    }

    private func expectSame(
        _ rules: ListedRules, _ wanted: Ruleset, _ family: AddressFamily
    ) throws {
        let loaded = follow(rules)
        #expect(loaded.inexpressible == [])
        let loadedTrace = RuleTrace(loaded.rules)
        let wantedTrace = RuleTrace(wanted)
        for packet in try PacketSample.packets(family, for: wanted) {
            let expected = wantedTrace.explain(packet)
            let found = loadedTrace.explain(packet)
            #expect(found.conntrackZone == expected.conntrackZone, "\(packet)")
            if expected.outcome == .untouched, let rule = found.decisive?.rule {
                // Returned from the chain of a negated set.
                #expect(found.outcome == .bypassed, "\(packet)")
                #expect(rule.place.contains(IptablesChain.negationPrefix), "\(packet)")
                continue
            }
            #expect(found.outcome == expected.outcome, "\(packet)")
            guard wanted.hasComments else { continue }
            #expect(found.decisive?.rule.rationale == expected.decisive?.rule.rationale)
        }
    }

    @Test(arguments: Scenario.all)
    func listedRulesMeanTheSameAsTheRuleset(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        for (family, saved) in try listings(scenario) {
            try expectSame(ListedRules(ReadBack.tables(saved, family)), ruleset, family)
        }
    }

    @Test(arguments: Scenario.all)
    func expectedRulesMeanTheSameAsTheRuleset(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        for family in ruleset.families {
            try expectSame(expectedRules(ruleset, family), ruleset, family)
        }
    }

    @Test(arguments: [
        "-A OUTPUT -p sctp -j RETURN", "-A OUTPUT -m limit --limit 1/s -j RETURN",
        "-A OUTPUT -j MASQUERADE", "-A OUTPUT -m owner --uid-owner 1-2 -j RETURN",
        "-A OUTPUT ! -o lo -j RETURN", "-A OUTPUT -p tcp -m tcp --dport 0 -j RETURN",
        "-A OUTPUT -m conntrack --ctstate NEW,ESTABLISHED -j RETURN",
        "-A OUTPUT -p tcp -j REDIRECT --to-ports 80-90",
        "-A OUTPUT -m addrtype --dst-type LOCAL -j DOCKER", "-A OUTPUT -m",
    ])
    func rulesThatTheIRCannotExpressKeepTheirText(line: String) throws {
        let saved = try SavedText("*nat\n:OUTPUT ACCEPT [0:0]\n\(line)\n")
        let table = try #require(ReadBack.tables(saved, .ipv4).first)
        let entry = try #require(table.chain(named: "OUTPUT")?.entries.first)
        guard case .native(let native) = entry else {
            Issue.record("read as \(entry)")
            return
        }
        #expect(native.text == line)
    }

    /// Foreign rules are read if the IR can express them.
    @Test func foreignRulesAreRead() throws {
        let saved = try SavedText(
            """
            *nat
            :OUTPUT ACCEPT [0:0]
            :ISTIO_OUTPUT - [0:0]
            :ISTIO_REDIRECT - [0:0]
            -A OUTPUT -p tcp -j ISTIO_OUTPUT
            -A ISTIO_OUTPUT -p tcp -m tcp --dport 8000:8010 -j RETURN
            -A ISTIO_OUTPUT -p tcp -m multiport --dports 22,25 -j RETURN
            -A ISTIO_OUTPUT -m owner --uid-owner 1337 -j RETURN
            -A ISTIO_OUTPUT -d 127.0.0.1/32 -j ACCEPT
            -A ISTIO_OUTPUT -g ISTIO_REDIRECT
            -A ISTIO_REDIRECT -p tcp -j REDIRECT --to-ports 15001
            COMMIT
            """)
        let read = follow(ListedRules(ReadBack.tables(saved, .ipv4)))
        #expect(read.inexpressible == [])
        let trace = RuleTrace(read.rules)
        let port = try #require(Port(15001))
        for (destination, port, user, outcome): (String, UInt32, UInt32, Explanation.Outcome) in [
            ("192.0.2.1", 80, 0, .redirected(to: port)), ("192.0.2.1", 8005, 0, .bypassed),
            ("192.0.2.1", 25, 0, .bypassed), ("192.0.2.1", 80, 1337, .bypassed),
            ("127.0.0.1", 80, 0, .bypassed),
        ] {
            let packet = try Packet.out(.tcp, to: destination, port, uid: user)
            #expect(trace.explain(packet).outcome == outcome, "\(packet)")
        }
    }

    @Test func aLoopOfJumpsEnds() throws {
        let saved = try SavedText(
            """
            *nat
            :OUTPUT ACCEPT [0:0]
            :A - [0:0]
            :B - [0:0]
            -A OUTPUT -j A
            -A A -j B
            -A B -g A
            COMMIT
            """)
        let read = follow(ListedRules(ReadBack.tables(saved, .ipv4)))
        let packet = try Packet.out(.tcp, to: "192.0.2.1", 80)
        let explanation = RuleTrace(read.rules).explain(packet)
        #expect(explanation.outcome == .untouched)
        #expect(!explanation.doubts.isEmpty)
    }

    /// `accept` ends the base chain, a return only the regular chain.
    @Test func acceptInARegularChainEndsTheBaseChain() throws {
        let saved = try SavedText(
            """
            *nat
            :OUTPUT ACCEPT [0:0]
            :A - [0:0]
            -A OUTPUT -j A
            -A OUTPUT -p tcp -j REDIRECT --to-ports 15001
            -A A -d 192.0.2.1/32 -j ACCEPT
            COMMIT
            """)
        let trace = RuleTrace(follow(ListedRules(ReadBack.tables(saved, .ipv4))).rules)
        let port = try #require(Port(15001))
        #expect(trace.explain(try .out(.tcp, to: "192.0.2.1", 80)).outcome == .bypassed)
        #expect(trace.explain(try .out(.tcp, to: "192.0.2.2", 80)).outcome == .redirected(to: port))
    }
}
