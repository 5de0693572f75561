import Addressing
import RuleIR
import Testing
import TproxyTestSupport

@testable import IptablesRules

@Suite struct IptablesLoweringTests {
    private func lines(_ yaml: String, _ table: IptablesTable = .nat) throws -> [String] {
        let ruleset = try Configuration.compile(yaml).ruleset
        let contents = FamilyLowering.tables(of: ruleset, .ipv4)
        let content = try #require(contents.first { $0.table == table })
        return
            (content.hooked.insertionNumbered
            + content.own.map { ["-A", $0.chain] + $0.spelling })
            .map { words in
                RestoreText.line(
                    words.enumerated().filter { index, word in
                        // Without the comment.
                        !(word == "-m" && words[index + 1] == "comment")
                            && !(word == "comment" && words[index - 1] == "-m")
                            && word != "--comment"
                            && (index == 0 || words[index - 1] != "--comment")
                    }.map(\.element))
            }
    }

    /// A rule has 15 slots, and a range takes two.
    @Test func portsAreSplitIntoRulesOfFifteenSlots() throws {
        let ports = (1...20).map { "\($0 * 10)" }.joined(separator: ",")
        let rules = try lines(
            "redirect: {outbound: {excludePortsForUIDs: [\"tcp:\(ports),1000-2000:5\"]}}"
        ).filter { $0.contains("multiport") }
        #expect(
            rules == [
                "-I OUTPUT 1 -m multiport -p tcp --dport 10,20,30,40,50,60,70,80,90,100,110,120,130,140,150 -m owner --uid-owner 5 -j RETURN",
                "-I OUTPUT 2 -m multiport -p tcp --dport 160,170,180,190,200,1000:2000 -m owner --uid-owner 5 -j RETURN",
            ])
        let full = PortRange.all
        #expect(RuleExpansion.slots(Array(repeating: full, count: 8)).count == 2)
        #expect(RuleExpansion.slots(Array(repeating: full, count: 7)).count == 1)
    }

    @Test func aRegularChainIsInTheTableOfItsStage() throws {
        let ruleset = try Configuration.compile(
            "redirect: {dns: {enabled: true, captureAll: true}}\ndropInvalidPackets: true"
        ).ruleset.withChainsInEveryStage
        let tables = FamilyLowering.tables(of: ruleset, .ipv4)
        let chains = Dictionary(uniqueKeysWithValues: tables.map { ($0.table, $0.chains) })
        #expect(
            chains == [
                .raw: ["KUMA_MESH_RAW_PREROUTING", "KUMA_MESH_RAW_OUTPUT"],
                .mangle: ["KUMA_MESH_MANGLE_PREROUTING"],
                .nat: [
                    "KUMA_MESH_INBOUND", "KUMA_MESH_OUTBOUND", "KUMA_MESH_INBOUND_REDIRECT",
                    "KUMA_MESH_OUTBOUND_REDIRECT",
                ],
            ])
        for content in tables {
            #expect(Set(content.own.map(\.chain)) == Set(content.chains))
        }
    }

    @Test func insertedRulesAreNumberedAndAppendedOnesAreNot() throws {
        let rules = try lines(
            """
            redirect:
              dns: {enabled: true, captureAll: true}
              outbound: {excludePortsForIPs: [10.0.0.1, 10.0.0.2]}
            """
        ).filter { $0.contains(" OUTPUT ") }
        #expect(
            rules == [
                "-I OUTPUT 1 -d 10.0.0.1 -j RETURN", "-I OUTPUT 2 -d 10.0.0.2 -j RETURN",
                "-I OUTPUT 3 -p udp --dport 53 -m owner --uid-owner 5678 -j RETURN",
                "-I OUTPUT 4 -p udp --dport 53 -j REDIRECT --to-ports 15053",
                "-A OUTPUT -p tcp --dport 53 -m owner ! --uid-owner 5678 -j RETURN",
                "-A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND",
            ])
    }

    /// `-d` may appear only once in a rule, so several negated blocks need a chain.
    @Test func severalNetworksOfOneInterfaceBecomeAChain() throws {
        let rules = try lines(
            "redirect: {vnet: {networks: [\"br0:10.0.0.0/8\", \"br0:172.16.0.0/12\"]}}")
        #expect(rules.contains("-I PREROUTING 1 -i br0 -j KUMA_MESH_NOT_4"))
        #expect(
            rules.filter { $0.hasPrefix("-A KUMA_MESH_NOT_4") } == [
                "-A KUMA_MESH_NOT_4 -d 10.0.0.0/8 -j RETURN",
                "-A KUMA_MESH_NOT_4 -d 172.16.0.0/12 -j RETURN",
                "-A KUMA_MESH_NOT_4 -p tcp -j REDIRECT --to-ports 15001",
            ])
        let one = try lines("redirect: {vnet: {networks: [\"br0:10.0.0.0/8\"]}}")
        #expect(
            one.contains(
                "-I PREROUTING 1 ! -d 10.0.0.0/8 -i br0 -p tcp -j REDIRECT --to-ports 15001"))
    }

    /// No packet leaves a network of all addresses, and iptables-nft has no such match.
    @Test func aNetworkOfAllAddressesGetsNoRule() throws {
        let rules = try lines("redirect: {vnet: {networks: [\"br+:0.0.0.0/0\"]}}")
        #expect(!rules.contains { $0.contains("/0") || $0.contains("br+") }, "\(rules)")
    }

    @Test func anotherInstanceIsRefused() throws {
        let name = try #require(InstanceName("two"))
        var ruleset = try Configuration.compile("").ruleset
        ruleset.instance = name
        #expect(throws: RulesetProblem.unsupportedInstance(name, by: "iptables")) {
            try IptablesEmitter().emit(ruleset)
        }
    }

    @Test func ourOwnChainNamesAreReserved() throws {
        let config = try Configuration.load(environment: [
            "KUMA_TRANSPARENT_PROXY_REDIRECT_INBOUND_CHAIN_NAME": "TPROXY"
        ]).get().config
        let ruleset = Configuration.compile(config).ruleset
        #expect(throws: RulesetProblem.reservedChain("KUMA_MESH_TPROXY", by: "iptables")) {
            try IptablesEmitter().emit(ruleset)
        }
    }

    /// Written rules, parsed as the tools would print them, equal the expected rules.
    @Test(arguments: Scenario.all)
    func writtenRulesReadBackInCanonicalForm(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        for family in ruleset.families {
            let contents = FamilyLowering.tables(of: ruleset, family)
            for content in contents {
                for placed in content.hooked + content.own {
                    let text = RestoreText.line(placed.rule.arguments)
                    let read = IptablesRule(words: try ShellWords.split(text[...]))
                    #expect(read == placed.rule.normalized)
                    #expect(
                        Self.facts(placed.spelling) == Self.facts(placed.rule.arguments),
                        "\(placed.spelling)")
                }
            }
        }
    }

    /// A rule about TCP can't match flows of UDP.
    @Test func contradictingProtocolsGiveNoRule() throws {
        let rules = try lines(
            """
            redirect:
              inbound: {excludePortsForUIDs: ["udp:53:1000", "tcp:80:2000"]}
            """
        ).filter { $0.contains("multiport") }
        #expect(
            rules == [
                "-A KUMA_MESH_OUTBOUND -m multiport -p tcp --dport 80 -m owner --uid-owner 2000 -o lo ! -d 127.0.0.1/32 -j RETURN"
            ])
    }

    /// Returns the words of a rule, without their order and without those that the tools add.
    private static func facts(_ words: [String]) -> [String] {
        words.map { $0 == "--dports" ? "--dport" : $0.replacing(/\/(32|128)$/, with: "") }
            .filter { !["-m", "tcp", "udp"].contains($0) }.sorted()
    }

    @Test func verboseOutputHasTheSameRules() throws {
        let ruleset = try Configuration.compile(
            "redirect: {dns: {enabled: true, captureAll: true}}"
        )
        .ruleset
        let long = try #require(IptablesEmitter(isVerbose: true).emit(ruleset).documents[.ipv4])
        #expect(long.contains("* nat\n\n# Custom Chains:\n--new-chain KUMA_MESH_INBOUND\n"))
        #expect(long.contains("KUMA_MESH_OUTBOUND_REDIRECT\n\n# Rules:\n--append PREROUTING"))
        #expect(long.contains("--to-ports 15001\n\nCOMMIT\n"))
        #expect(long.hasPrefix("* raw\n\n# Rules:\n") && long.contains("COMMIT\n\n* nat"))
        #expect(long.contains("--append OUTPUT --match comment"))
        #expect(!long.contains(" -p "))
    }
}
