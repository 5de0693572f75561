import Addressing
import Digest
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

@Suite struct LoweringTests {
    static let because = Rationale("test", key: "test")

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            String(repeating: "a", count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ])
    func sha256MatchesTheStandardsExamples(text: String, digest: String) {
        #expect(SHA256.hexadecimal(text.utf8) == digest)
    }

    /// A zone ends the base chain (`Action`), also from a chain that it jumps to.
    @Test func aZoneInARegularChainAccepts() throws {
        let zone = Rule([], then: .conntrackZone(2), because: Self.because)
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            baseChains: [
                BaseChain(
                    .raw, .output,
                    last: [zone, Rule([], then: .jump(.outbound), because: Self.because)])
            ], chains: [Chain(.outbound, .raw, [zone])])
        try ruleset.check()
        let chains = NftTable(ruleset).chains
        #expect(chains.map(\.name) == ["mesh_outbound", "raw_output_last"])
        #expect(chains[0].rules[0].statements == [.counter, .setZone(2), .accept])
        #expect(chains[1].rules[0].statements == [.counter, .setZone(2), .return])
    }

    /// nftables' `skuid !=` needs a socket, so a chain excludes the owner.
    @Test func negatedOwnerBecomesAChain() throws {
        let user = try #require(UserID(5678))
        let port = try #require(Port(15001))
        let name = try #require(ChainName("OUTBOUND"))
        let rules = [
            Rule(
                [.transport(.tcp), .owner(.isNot(user))], then: .return, because: Self.because),
            Rule([.transport(.tcp)], then: .redirect(port), because: Self.because),
        ]
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            baseChains: [BaseChain(.nat, .output, last: rules)], chains: [Chain(name, .nat, rules)])
        let table = NftTable(ruleset)
        #expect(
            table.chains.map(\.name) == [
                "nat_output_last_not_uid_5678", "mesh_outbound", "mesh_outbound_not_uid_5678",
                "nat_output_last",
            ])
        let isTCP = NftStatement.match(.l4proto, isNegated: false, .transport(.tcp))
        let isOwner = NftStatement.match(.owner, isNegated: false, .user(user))
        #expect(
            table.chains[1].rules.map(\.statements) == [
                [isTCP, .counter, .jump("mesh_outbound_not_uid_5678")],
                [isTCP, .counter, .redirect(port)],
            ])
        for chain in [table.chains[0], table.chains[2]] {
            #expect(
                chain.rules.map(\.statements) == [
                    [isOwner, .counter, .return], [.counter, .accept],
                ])
        }
        #expect(
            table.chains[2].rules.map(\.comment) == [
                "UID 5678 returns to mesh_outbound [test]", "test [test]",
            ])
        #expect(table.chains[1].rules[0].comment == "unless UID 5678: test [test]")
    }

    /// A rule may exclude several owners, and a chain may have several such rules.
    @Test func everyNegatedOwnerHasItsOwnChain() throws {
        let user = try #require(UserID(5678))
        let port = try #require(Port(15001))
        let both = Rule(
            [.transport(.tcp), .owner(.isNot(.root)), .owner(.isNot(user))],
            then: .redirect(port), because: Self.because)
        let table = NftTable(
            Ruleset(
                instance: .mesh, families: [.ipv4, .ipv6],
                baseChains: [BaseChain(.nat, .output, last: [both, both])]))
        let name = "nat_output_last_not_uid_0_5678"
        #expect(table.chains.map(\.name) == [name, name + "_", "nat_output_last"])
        #expect(
            table.chains[0].rules.map(\.statements.last) == [.return, .return, .redirect(port)])
        // libnftables needs the protocol of the port.
        let isTCP = NftStatement.match(.l4proto, isNegated: false, .transport(.tcp))
        #expect(table.chains[0].rules.last?.statements == [isTCP, .counter, .redirect(port)])
        #expect(
            table.chains[2].rules.map(\.statements.last) == [.jump(name), .jump(name + "_")])
    }

    /// Each chain of the plan is a chain of the table, with its rules in order.
    @Test(arguments: Scenario.all)
    func everyChainHoldsThePlansRulesInOrder(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let table = NftTable(ruleset)
        func places(in name: String) throws -> [RuleLocation] {
            let chain = try #require(table.chains.first { $0.name == name })
            // A rule with several alternatives becomes several rules, and a guard has no location.
            return chain.rules.compactMap(\.location).reduce(into: []) { places, place in
                if places.last != place { places.append(place) }
            }
        }
        func planned(_ rules: [Rule], _ list: RuleLocation.List) -> [RuleLocation] {
            rules.indices.map { RuleLocation(list, $0) }
        }
        for chain in ruleset.chains {
            #expect(
                try places(in: NftTable.name(of: chain.name))
                    == planned(chain.rules, .chain(chain.name)))
        }
        for base in ruleset.baseChains {
            let name = "\(base.stage.rawValue)_\(base.hook.rawValue)"
            let first = planned(base.first, .first(base.stage, base.hook))
            let last = planned(base.last, .last(base.stage, base.hook))
            let early = Array(first[base.early.indices])
            if !early.isEmpty { #expect(try places(in: name + "_first") == early) }
            guard !last.isEmpty else { continue }
            let bypass = first.filter { base.first[$0.index].action.isBypass }
            #expect(try places(in: name + "_last") == bypass + last)
        }
        let others = table.chains.filter { $0.name.contains("_not_uid_") }
        let bases = ruleset.baseChains.flatMap { [Array($0.early), $0.last] }.count { !$0.isEmpty }
        #expect(table.chains.count == ruleset.chains.count + bases + others.count)
    }

    /// The flows of each protocol are a set, and a rule for one protocol looks up only that set.
    @Test func flowsAreMatchedPerProtocol() throws {
        let user = try #require(UserID(1000))
        let port = try #require(Port(53))
        let both = OwnedFlow(
            protocols: [.tcp, .udp], ports: [PortRange(port)], owners: [UserIDRange(user)])
        let sets = [
            // Another list with the name of the TCP part.
            NamedSet(SetName("flows_tcp"), .ports([.init(PortRange(port), source: "test")])),
            NamedSet(SetName("flows"), .ownedFlows([.init(both, source: "test")])),
        ]
        func rules(_ matches: [Match]) -> [[NftStatement]] {
            let rule = Rule(matches, then: .return, because: Self.because)
            let table = NftTable(
                Ruleset(
                    instance: .mesh, families: [.ipv4, .ipv6], sets: sets,
                    baseChains: [BaseChain(.nat, .output, last: [rule])]))
            #expect(table.sets.map(\.name) == ["flows_tcp", "flows_tcp_", "flows_udp"])
            return table.chains.last?.rules.map(\.statements) ?? []
        }
        func asking(_ transport: TransportProtocol) -> NftStatement {
            .match(
                .ownedFlow(transport, inIntervals: false), isNegated: false,
                .set(transport == .tcp ? "flows_tcp_" : "flows_udp"))
        }
        let flows = Match.ownedFlow(SetName("flows"))
        #expect(
            rules([flows]) == [
                [asking(.tcp), .counter, .return], [asking(.udp), .counter, .return],
            ])
        #expect(rules([.transport(.udp), flows]) == [[asking(.udp), .counter, .return]])
        let jump = NftStatement.jump("nat_output_last_not_uid_1000")
        #expect(
            rules([flows, .owner(.isNot(user))]) == [
                [asking(.tcp), .counter, jump], [asking(.udp), .counter, jump],
            ])
    }

    /// What bypasses the proxy in `first` also does in `last`, which is another chain here.
    ///
    /// It is in `last` only, if no other rule of `first` follows it.
    @Test func lastBeginsWithTheExclusionsOfFirst() throws {
        let port = try #require(Port(15053))
        let block = try #require(IPPrefix("10.0.0.0/8"))
        let bypass = Rule([.destination(.of(block))], then: .return, because: Self.because)
        let redirect = Rule([.transport(.udp)], then: .redirect(port), because: Self.because)
        let last = Rule([.transport(.tcp)], then: .redirect(port), because: Self.because)
        func chains(_ first: [Rule]) -> [NftChain] {
            NftTable(
                Ruleset(
                    instance: .mesh, families: [.ipv4, .ipv6],
                    baseChains: [BaseChain(.nat, .output, first: first, last: [last])])
            ).chains
        }
        func verdicts(_ chain: NftChain?) -> [NftStatement?]? {
            chain?.rules.map(\.statements.last)
        }
        let behind = chains([redirect, bypass])
        #expect(behind.map(\.base?.priority) == [-101, -99])
        #expect(verdicts(behind.first) == [.redirect(port)])
        #expect(verdicts(behind.last) == [.return, .redirect(port)])
        let before = chains([bypass, redirect])
        #expect(verdicts(before.first) == [.return, .redirect(port)])
        #expect(verdicts(before.last) == [.return, .redirect(port)])
        let alone = chains([bypass])
        #expect(alone.map(\.base?.priority) == [-99])
        #expect(verdicts(alone.first) == [.return, .redirect(port)])
    }

    @Test func overlappingFlowsAreMerged() throws {
        func flow(
            _ protocols: [TransportProtocol], _ ports: (Int, Int), _ users: (Int, Int)
        ) throws -> OwnedFlow {
            let firstPort = try #require(Port(ports.0))
            let lastPort = try #require(Port(ports.1))
            let firstUser = try #require(UserID(users.0))
            let lastUser = try #require(UserID(users.1))
            return OwnedFlow(
                protocols: protocols, ports: [try #require(PortRange(firstPort, lastPort))],
                owners: [try #require(UserIDRange(firstUser, lastUser))])
        }
        let flows = [
            try flow([.tcp], (80, 90), (1000, 2000)), try flow([.tcp], (85, 100), (1500, 1500)),
            try flow([.tcp, .udp], (1, 65535), (4_294_967_294, 4_294_967_294)),
            try flow([.tcp], (22, 22), (7, 7)),
        ]
        let name = SetName("flows")
        let lowering = SetLowering([
            NamedSet(name, .ownedFlows(flows.map { .init($0, source: "test") }))
        ])
        let sets = lowering.sets
        let elements = sets.map { set in
            set.elements.map { element in
                if case .flow(let users, let ports) = element { "\(users) \(ports)" } else { "?" }
            }
        }
        // Linux 6.12 and 7.2 refuse the protocol in a concatenation with intervals.
        #expect(sets.map(\.name) == ["flows_tcp_ranges"])
        #expect(sets.map(\.types) == [[.owner, .port]])
        #expect(
            elements == [
                [
                    "7 22", "1000-1499 80-90", "1500 80-100", "1501-2000 80-90",
                    "4294967294 1-65535",
                ]
            ])
        let first = try #require(Port(1))
        let highest = try #require(Port(65535))
        let every = try #require(PortRange(first, highest))
        let last = try #require(UserID(4_294_967_294))
        #expect(
            lowering.flowAlternatives(name, .udp) == [
                [
                    .match(.owner, isNegated: false, .user(last)),
                    .match(.destinationPort(.udp), isNegated: false, .ports(every)),
                ]
            ])
    }

    @Test func commentsAreCutAt128Bytes() throws {
        let long = Rationale(String(repeating: "x", count: 300), key: "k")
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            baseChains: [BaseChain(.nat, .output, last: [Rule([], then: .return, because: long)])])
        let comment = try #require(NftTable(ruleset).chains[0].rules[0].comment)
        #expect(comment.utf8.count == 128)
    }

    @Test func emissionOfEveryScenarioIsDeterministic() throws {
        for scenario in Scenario.all {
            let ruleset = try scenario.compile().ruleset
            let emitter = NftablesEmitter(version: "1")
            #expect(try emitter.emit(ruleset) == emitter.emit(ruleset), "\(scenario)")
        }
    }

    /// A user may give a chain the name of another chain's negation.
    @Test func usersChainKeepsItsNameBesideANegation() throws {
        let variable = "KUMA_TRANSPARENT_PROXY_REDIRECT_OUTBOUND"
        let config = try Configuration.load(
            environment: [
                "\(variable)_CHAIN_NAME": "OUT",
                "\(variable)_REDIRECT_CHAIN_NAME": "Out_not_UID_5678",
            ]
        ).get().config
        let names = NftTable(Configuration.compile(config).ruleset).chains.map(\.name)
        #expect(Set(names).count == names.count, "\(names)")
        #expect(names.contains("mesh_out_not_uid_5678"))
        #expect(names.contains("mesh_out_not_uid_5678_"))
    }
}
