import Addressing
import RuleIR
import RuleTrace
import Testing

@testable import NftablesBackend

/// Rules of other programs, as `nft -j list ruleset` prints them, and what they do with packets.
@Suite struct ForeignRuleTests {
    private static let daddr = #"{"payload": {"protocol": "ip", "field": "daddr"}}"#
    private static let l4proto = #"{"meta": {"key": "l4proto"}}"#
    private static let dport = #"{"payload": {"protocol": "th", "field": "dport"}}"#
    private static let random = #"{"numgen": {"mode": "random", "mod": 2, "offset": 0}}"#

    /// The outcome of a packet, or of every random choice; with `?` if a rule is in doubt.
    private func outcomes(
        _ statements: [String], objects: String = "", to address: String = "10.96.0.1",
        port: Int = 80, _ transport: TransportProtocol = .tcp
    ) throws -> [String] {
        let rules = statements.map {
            #"{"rule": {"family": "ip", "table": "t", "chain": "c", "expr": [\#($0)]}}"#
        }
        let json = """
            {"nftables": [{"table": {"family": "ip", "name": "t"}},
            {"chain": {"family": "ip", "table": "t", "name": "c", "type": "nat", "hook": "output",
                "prio": -100, "policy": "accept"}},
            {"chain": {"family": "ip", "table": "t", "name": "one"}},
            {"rule": {"family": "ip", "table": "t", "chain": "one",
                "expr": [{"dnat": {"addr": "10.0.0.1", "port": 8080}}]}},
            \(objects.isEmpty ? "" : objects + ",")
            \(rules.joined(separator: ",\n"))]}
            """
        let read = ListedHookRules(
            [.init(try NftListing.read(json), zonesEnd: true)], loopback: .loopback)
        let explanation = RuleTrace(read.rules).explain(
            Packet(
                direction: .outgoing, transport: transport, owner: UserID(1000),
                source: try #require(IPAddress("192.0.2.1")),
                destination: try #require(IPAddress(address)),
                destinationPort: try #require(Port(port)), interface: .ethernet))
        let all = [explanation.outcome] + explanation.alternatives.map(\.outcome)
        let mark = explanation.doubts.isEmpty ? "" : "?"
        return all.map { outcome in
            switch outcome {
            case .redirected(let port): "redirected \(port)\(mark)"
            case .translated(let address, let port):
                "\(address.map { "\($0)" } ?? "-") \(port.map { "\($0)" } ?? "-")\(mark)"
            case .bypassed: "bypassed\(mark)"
            case .untouched: "untouched\(mark)"
            case .dropped: "dropped\(mark)"
            }
        }
    }

    private static let services = """
        {"map": {"family": "ip", "table": "t", "name": "services", "map": "verdict",
            "type": ["ipv4_addr", "inet_proto", "inet_service"], "elem": [
            [{"concat": ["10.96.0.1", "tcp", 80]}, {"goto": {"target": "one"}}],
            [{"concat": ["10.96.0.2", "udp", 53]}, {"drop": null}]]}}
        """

    @Test func verdictMapHasTheVerdictOfThePacketsElement() throws {
        let lookup =
            #"{"vmap": {"key": {"concat": [\#(Self.daddr), \#(Self.l4proto), \#(Self.dport)]}, "#
            + #""data": "@services"}}"#
        #expect(try outcomes([lookup], objects: Self.services) == ["10.0.0.1 8080"])
        #expect(
            try outcomes([lookup], objects: Self.services, to: "10.96.0.2", port: 53, .udp)
                == ["dropped"])
        #expect(
            try outcomes([lookup], objects: Self.services, to: "10.96.0.2", port: 53)
                == ["untouched"])
        // A map that the listing lacks.
        #expect(try outcomes([lookup]) == ["untouched?"])
    }

    /// `*` has the verdict of all keys that the map lacks.
    @Test func catchAllElementHoldsForOtherKeysOnly() throws {
        let lookup =
            #"{"vmap": {"key": \#(Self.dport), "data": {"set": [["*", {"drop": null}], "#
            + #"[80, {"continue": null}]]}}}"#
        let rules = [
            #"{"match": {"op": "==", "left": \#(Self.l4proto), "right": "tcp"}}, \#(lookup)"#
        ]
        #expect(try outcomes(rules) == ["untouched"])
        #expect(try outcomes(rules, port: 81) == ["dropped"])
        #expect(try outcomes(rules, port: 81, .udp) == ["untouched"])
    }

    @Test func concatenationIsLookedUpInASet() throws {
        let match =
            #"{"match": {"op": "==", "left": {"concat": [\#(Self.daddr), \#(Self.dport)]}, "#
            + #""right": {"set": [{"concat": [{"prefix": {"addr": "10.96.0.0", "len": 24}}, "#
            + #"{"range": [80, 89]}]}]}}}, {"drop": null}"#
        #expect(try outcomes([match]) == ["dropped"])
        #expect(try outcomes([match], port: 90) == ["untouched"])
        let negated = match.replacing(#""op": "==""#, with: #""op": "!=""#)
        #expect(try outcomes([negated]) == ["untouched"])
        #expect(try outcomes([negated], port: 90) == ["dropped"])
    }

    @Test(arguments: [
        (
            #""addr": {"map": {"key": K, "data": {"set": [[0, {"concat": ["10.0.0.1", 81]}], "#
                + #"[1, {"concat": ["10.0.0.2", 82]}]]}}}"#, ["10.0.0.1 81", "10.0.0.2 82"]
        ),
        (
            #""addr": {"map": {"key": K, "data": {"set": [[0, "10.0.0.1"]]}}}"#,
            ["10.0.0.1 -", "untouched"]
        ),
        (#""addr": {"range": ["10.0.0.1", "10.0.0.2"]}"#, ["10.0.0.1 -", "10.0.0.2 -"]),
        (#""addr": "10.0.0.1", "port": {"range": [80, 81]}"#, ["10.0.0.1 80", "10.0.0.1 81"]),
        (
            #""addr": {"map": {"key": \#(daddr), "data": {"set": [["10.96.0.1", "10.0.0.9"]]}}}"#,
            ["10.0.0.9 -"]
        ),
        (
            #""addr": "10.0.0.1", "port": {"map": {"key": \#(dport), "data": "@unknown"}}"#,
            ["untouched?"]
        ),
    ])
    func everyTargetOfATranslationIsAnOutcome(value: String, expected: [String]) throws {
        let statement = #"{"dnat": {"family": "ip", \#(value.replacing("K", with: Self.random))}}"#
        #expect(try outcomes([statement]) == expected)
    }

    @Test func everyVerdictOfARandomMapIsAnOutcome() throws {
        let lookup =
            #"{"vmap": {"key": \#(Self.random), "data": {"set": [[0, {"jump": {"target": "one"}}], "#
            + #"[1, {"continue": null}]]}}}"#
        #expect(try outcomes([lookup, #"{"drop": null}"#]) == ["10.0.0.1 8080", "dropped"])
    }

    private func mark(_ value: String, _ test: String = "==", mask: Int? = nil) -> String {
        let mark = #"{"meta": {"key": "mark"}}"#
        let left = mask.map { #"{"&": [\#(mark), \#($0)]}"# } ?? mark
        return #"{"match": {"op": "\#(test)", "left": \#(left), "right": \#(value)}}"#
    }

    @Test func marksAreFollowed() throws {
        let meta = #"{"meta": {"key": "mark"}}"#
        func set(_ value: String, _ key: String = #"{"meta": {"key": "mark"}}"#) -> String {
            #"{"mangle": {"key": \#(key), "value": \#(value)}}"#
        }
        let drop = #", {"drop": null}"#
        #expect(try outcomes([mark("0") + drop]) == ["dropped"])
        #expect(try outcomes([set("3"), mark("3") + drop]) == ["dropped"])
        #expect(
            try outcomes([
                set(#"{"|": [\#(meta), 16384]}"#), mark("0", "!=", mask: 16384) + drop,
            ]) == ["dropped"])
        #expect(
            try outcomes([set("7"), set(#"{"^": [{"&": [\#(meta), 6]}, 2]}"#), mark("4") + drop])
                == ["dropped"])
        let connection = #"{"ct": {"key": "mark"}}"#
        #expect(
            try outcomes([set("5", connection), set(connection), mark(#"{"set": [5, 6]}"#) + drop])
                == ["dropped"])
        // A change to a value that isn't read makes the mark unknown.
        #expect(
            try outcomes([set(#"{"jhash": {"mod": 2, "expr": \#(Self.daddr)}}"#), mark("1") + drop])
                == ["untouched?"])
    }

    /// Of an extension of iptables, nft lists only the name.
    @Test func hiddenExtensionsAreInDoubtAndCommentsAreNot() throws {
        func extensionOf(_ type: String, _ name: String) -> String {
            #"{"xt": {"type": "\#(type)", "name": "\#(name)"}}"#
        }
        #expect(
            try outcomes([extensionOf("match", "comment") + #", {"jump": {"target": "one"}}"#])
                == ["10.0.0.1 8080"])
        #expect(
            try outcomes([extensionOf("match", "addrtype") + #", {"drop": null}"#])
                == ["untouched?"])
        #expect(try outcomes([extensionOf("target", "DNAT")]) == ["- -"])
        #expect(
            try outcomes([extensionOf("target", "MARK"), mark("1") + #", {"drop": null}"#])
                == ["untouched?"])
        #expect(try outcomes([extensionOf("target", "MARK")]) == ["untouched"])
    }

    @Test func statementsWithUnknownEffectsAreInDoubt() throws {
        for statement in [
            #"{"queue": {"num": 1}}"#, #"{"notrack": null}"#,
            #"{"mangle": {"key": \#(Self.daddr), "value": "10.0.0.1"}}"#,
            #"{"tproxy": {"port": 5}}"#,
        ] {
            #expect(try outcomes([statement]) == ["untouched?"], "\(statement)")
        }
    }
}
