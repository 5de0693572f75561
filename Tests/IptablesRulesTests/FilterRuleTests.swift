import Addressing
import RuleIR
import Testing

@testable import IptablesRules

/// Rules of foreign filter chains are read option by option.
@Suite struct FilterRuleTests {
    private func table(_ rules: String) throws -> FilterTable {
        let saved = try SavedText("*filter\n:INPUT DROP [0:0]\n:sub - [0:0]\n\(rules)\nCOMMIT\n")
        return FilterTable(try #require(saved.tables.first), .iptablesNft, .ipv4)
    }

    private func read(_ rule: String) throws -> FilterRule {
        try #require(try table("-A INPUT \(rule)").chains.first?.rules.first)
    }

    @Test func builtInChainsHaveTheirHookAndPolicy() throws {
        let table = try table("")
        #expect(table.chains.first?.base == .init(type: "filter", hook: .input, priority: 0))
        #expect(table.chains.first?.dropsAtEnd == true)
        #expect(table.chains.last?.base == nil)
    }

    @Test(arguments: [
        (
            "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
            FilterCondition(.connection(["related", "established"]))
        ),
        ("-m state ! --state NEW -j ACCEPT", .init(.connection(["new"]), isNegated: true)),
        ("-p icmp -j ACCEPT", .init(.transport(["icmp"]))),
        ("-m addrtype --dst-type LOCAL -j RETURN", .init(.destinationType(["local"]))),
        ("-m limit --limit 3/min --limit-burst 10 -j ACCEPT", .init(.usual)),
        (
            "-m recent --update --seconds 30 --hitcount 6 --name DEFAULT --rsource -j DROP",
            .init(.usual, isNegated: true)
        ),
        ("-m rpfilter --validmark --invert -j DROP", .init(.usual, isNegated: true)),
        (
            "-m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j ACCEPT",
            .init(.tcpFlags(mask: ["fin", "syn", "rst", "ack"], set: ["syn"]))
        ),
        (
            "-m mark ! --mark 0x4000/0x4000 -j ACCEPT",
            .init(.mark(MarkTest(mask: 0x4000, values: [0x4000])), isNegated: true)
        ),
        ("-m connmark --mark 0x1 -j ACCEPT", .init(.connectionMark(MarkTest(values: [1])))),
        ("-m statistic --mode random --probability 0.5 -j ACCEPT", .init(.random)),
    ])
    func conditionsAreRead(rule: String, condition: FilterCondition) throws {
        let read = try read(rule)
        #expect(read.conditions == [condition])
        #expect(read.isComplete)
    }

    @Test(arguments: [
        "-m mark --mark x -j ACCEPT", "-m set --match-set wall src -j ACCEPT",
        "-m conntrack --ctorigdstport 80 -j ACCEPT", "-m socket -j ACCEPT",
        "-m time --timestart 10:00:00 -j ACCEPT",
    ])
    func rulesWithUnknownMatchesAreIncomplete(rule: String) throws {
        #expect(try read(rule).isComplete == false)
    }

    @Test(arguments: [
        ("-j ACCEPT", FilterRule.Effect.accept), ("-j DROP", .drop),
        ("-j REJECT --reject-with tcp-reset", .drop), ("-j sub", .jump("sub")),
        ("-g sub", .goto("sub")), ("-j LOG", .aside), ("-j MARK --set-xmark 0x1/0x1", .aside),
        ("-j NFQUEUE --queue-num 1", .unknown), ("-p tcp", .aside),
    ])
    func targetsAreRead(rule: String, effect: FilterRule.Effect) throws {
        #expect(try read(rule).effect == effect)
    }

    @Test func addressesAreReadAsMatches() throws {
        let read = try read("! -s 10.0.0.0/8 -j DROP")
        #expect(read.matches == [.source(.notOf(try #require(IPPrefix("10.0.0.0/8"))))])
        #expect(read.text == "! -s 10.0.0.0/8 -j DROP")
    }

    @Test func translatedPortsAreFound() throws {
        let saved = try SavedText(
            """
            *nat
            -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
            -A DOCKER -p tcp -m tcp ! --dport 81 -j DNAT --to-destination 172.17.0.2:80
            -A DOCKER -p tcp -m tcp --dport 82 -j ACCEPT
            COMMIT

            """)
        #expect(saved.tables.first?.publishedPorts == [.service])
    }
}
