import Addressing
import NftablesBackend
import RuleIR
import Testing

/// Foreign tables that may drop packets, as `nft -j list table` prints them.
@Suite struct FilterListingTests {
    private func rules(_ statements: String, _ others: String = "") throws -> [FilterRule] {
        let json = """
            {"nftables": [{"table": {"family": "inet", "name": "wall", "handle": 1}},
            {"chain": {"family": "inet", "table": "wall", "name": "input", "handle": 1,
                "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}},
            \(others)
            {"rule": {"family": "inet", "table": "wall", "chain": "input", "expr": [\(statements)]}}]}
            """
        let table = try #require(try NftListing.filterTable(json))
        #expect(table.chains.first?.dropsAtEnd == true)
        return table.chains.first?.rules ?? []
    }

    private func match(_ left: String, _ right: String, _ test: String = "==") -> String {
        #"{"match": {"op": "\#(test)", "left": \#(left), "right": \#(right)}}"#
    }

    private static let state = #"{"ct": {"key": "state"}}"#
    private static let port = #"{"payload": {"protocol": "tcp", "field": "dport"}}"#
    private static let accept = #"{"accept": null}"#

    @Test func everyMatchOfAFilterRuleIsRead() throws {
        let read = [
            (
                match(Self.state, #"["established", "related"]"#, "in"),
                FilterCondition(.connection(["established", "related"]))
            ),
            (match(#"{"ct": {"key": "status"}}"#, #""dnat""#, "in"), .init(.connection(["dnat"]))),
            (
                match(#"{"meta": {"key": "iifname"}}"#, #""lo""#, "!="),
                .init(.inputInterface([InterfacePattern(.loopback)]), isNegated: true)
            ),
            (
                match(#"{"meta": {"key": "l4proto"}}"#, #"{"set": ["icmp", "ipv6-icmp"]}"#),
                .init(.transport(["icmp", "ipv6-icmp"]))
            ),
            (
                match(#"{"fib": {"result": "oif", "flags": ["saddr", "iif"]}}"#, "false"),
                .init(.usual, isNegated: true)
            ),
            (
                match(#"{"fib": {"result": "type", "flags": ["daddr"]}}"#, #""local""#),
                .init(.destinationType(["local"]))
            ),
            (
                #"{"limit": {"rate": 3, "burst": 5, "per": "second", "inv": true}}"#,
                .init(.usual, isNegated: true)
            ),
            (
                match(#"{"payload": {"protocol": "icmp", "field": "type"}}"#, #""echo-request""#),
                .init(.transport(["icmp"]))
            ),
        ]
        for (statement, condition) in read {
            let rule = try #require(try rules("\(statement), \(Self.accept)").first)
            #expect(rule.conditions == [condition], "\(statement)")
            #expect(rule.isComplete && rule.effect == .accept, "\(statement)")
        }
    }

    @Test func verdictMapIsReadAsARulePerElement() throws {
        let inline = #"{"set": [[22, {"accept": null}], [23, {"jump": {"target": "sub"}}]]}"#
        let named =
            #"{"map": {"family": "inet", "name": "m", "table": "wall", "type": "inet_service", "map": "verdict", "elem": [[22, {"accept": null}], [23, {"jump": {"target": "sub"}}]]}},"#
        for (data, others) in [(inline, ""), (#""@m""#, named)] {
            let read = try rules(#"{"vmap": {"key": \#(Self.port), "data": \#(data)}}"#, others)
            #expect(read.map(\.effect) == [.accept, .jump("sub")])
            #expect(read.map(\.number) == [1, 1])
            #expect(
                read.map { $0.matches.last } == [
                    .destinationPort(.port(.ssh)), .destinationPort(.port(try #require(Port(23)))),
                ])
        }
    }

    @Test func marksAndConcatenationsAreRead() throws {
        let mark = try rules(
            match(#"{"&": [{"meta": {"key": "mark"}}, 255]}"#, "16", "!=") + ", \(Self.accept)")
        #expect(
            mark.first?.conditions == [
                .init(.mark(MarkTest(mask: 255, values: [16])), isNegated: true)
            ])
        let pair = try rules(
            match(
                #"{"concat": [\#(Self.port), {"meta": {"key": "iifname"}}]}"#,
                #"{"set": [{"concat": [80, "lo"]}]}"#) + ", \(Self.accept)")
        #expect(
            pair.first?.conditions == [
                .init(
                    .oneOf([
                        .init(matches: [
                            .transport(.tcp), .destinationPort(.port(try #require(Port(80)))),
                            .inputInterface(try #require(InterfacePattern("lo"))),
                        ])
                    ]))
            ])
        #expect(mark.first?.isComplete == true && pair.first?.isComplete == true)
    }

    @Test func unknownMatchesMakeARuleIncomplete() throws {
        for statement in [
            match(#"{"meta": {"key": "cgroup"}}"#, "1"),
            match(#"{"ct": {"key": "proto-dst", "dir": "original"}}"#, "80"),
            match(#"{"concat": [\#(Self.port), {"meta": {"key": "iifname"}}]}"#, #""@pairs""#),
        ] {
            #expect(try rules("\(statement), \(Self.accept)").first?.isComplete == false)
        }
        #expect(try rules(#"{"queue": {"num": 1}}"#).first?.effect == .unknown)
    }
}
