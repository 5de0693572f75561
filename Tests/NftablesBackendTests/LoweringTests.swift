import Addressing
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
    func sha256IsTheStandards(text: String, digest: String) {
        #expect(SHA256.hexadecimal(text.utf8) == digest)
    }

    /// Nftables' `skuid !=` needs a socket, so the negation goes past the rule instead.
    @Test func ownerIsNotGoesPastTheRule() throws {
        let user = try #require(UserID(5678))
        let port = try #require(Port(15001))
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            baseChains: [
                BaseChain(
                    .nat, .output,
                    last: [
                        Rule(
                            [.transport(.tcp), .owner(.isNot(user))], then: .return,
                            because: Self.because),
                        Rule([.transport(.tcp)], then: .redirect(port), because: Self.because),
                    ])
            ])
        let table = NftTable(ruleset)
        #expect(table.chains.map(\.name) == ["nat_output_last_past_1", "nat_output_last"])
        let statements = table.chains[1].rules.map(\.statements)
        #expect(statements.count == 3)
        #expect(statements[0].contains(.match(.owner, isNegated: false, .user(user))))
        #expect(statements[0].last == .goto("nat_output_last_past_1"))
        #expect(statements[1].last == .return)
        #expect(statements[2].last == .goto("nat_output_last_past_1"))
        #expect(!NftText(table).text.contains("skuid !="))
    }

    /// Each protocol's flows are a set, and no protocol is asked for one that it has no part in.
    @Test func flowsAreAskedForOneProtocolAtATime() throws {
        let user = try #require(UserID(1000))
        let port = try #require(Port(53))
        let both = OwnedFlow(
            protocols: [.tcp, .udp], ports: [PortRange(port)], owners: [UserIDRange(user)])
        let sets = [
            // Not the part of the other that is for TCP.
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
        let isOwner = NftStatement.match(.owner, isNegated: false, .user(user))
        #expect(
            rules([flows, .owner(.isNot(user))]).map { Array($0.prefix(2)) } == [
                [asking(.tcp), isOwner], [asking(.tcp), .counter], [asking(.udp), isOwner],
                [asking(.udp), .counter], [.counter, .goto("nat_output_last_past_1")],
            ])
    }

    /// Packets by another interface don't walk through rules that all need one.
    @Test func rulesForOneInterfaceHaveAnEntrance() throws {
        let user = try #require(UserID(5678))
        let port = try #require(Port(15001))
        let lo = Match.outputInterface(InterfacePattern(.loopback))
        let exempt = Rule([lo, .transport(.udp)], then: .return, because: Self.because)
        let others = Rule([lo, .owner(.isNot(user))], then: .return, because: Self.because)
        let rest = Rule([.transport(.tcp)], then: .redirect(port), because: Self.because)
        func chains(_ rules: [Rule]) throws -> [String: [NftStatement?]] {
            let name = try #require(ChainName("OUTBOUND"))
            let table = NftTable(
                Ruleset(
                    instance: .mesh, families: [.ipv4, .ipv6], chains: [Chain(name, rules)]))
            return Dictionary(
                uniqueKeysWithValues: table.chains.map {
                    ($0.name, $0.rules.map(\.statements.last))
                })
        }
        let entered = try chains([exempt, exempt, others, rest])
        #expect(
            entered == [
                "mesh_outbound": [
                    .goto("mesh_outbound_past_0"), .goto("mesh_outbound_past_3"),
                ],
                "mesh_outbound_past_0": [
                    .return, .return, .goto("mesh_outbound_past_3"), .return,
                    .goto("mesh_outbound_past_3"),
                ],
                "mesh_outbound_past_3": [.redirect(port)],
            ])
        let any = Rule([.transport(.udp)], then: .return, because: Self.because)
        #expect(try chains([exempt, any, others, rest])["mesh_outbound_past_0"] == nil)
        #expect(try chains([exempt, others, rest])["mesh_outbound_past_0"] == nil, "too few")
    }

    /// What `first` exempts is exempt in `last`, which is another chain here; and only there, where
    /// nothing of `first` comes behind it.
    @Test func lastBeginsWithTheExemptionsOfFirst() throws {
        let port = try #require(Port(15053))
        let block = try #require(IPPrefix("10.0.0.0/8"))
        let exempt = Rule([.destination(.of(block))], then: .return, because: Self.because)
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
        let behind = chains([redirect, exempt])
        #expect(behind.map(\.base?.priority) == [-101, -99])
        #expect(verdicts(behind.first) == [.redirect(port)])
        #expect(verdicts(behind.last) == [.return, .redirect(port)])
        let alone = chains([exempt])
        #expect(alone.map(\.base?.priority) == [-99])
        #expect(verdicts(alone.first) == [.return, .redirect(port)])
    }

    /// A packet is looked for in the exemptions once, if it can meet nothing else in `first`.
    @Test func firstLetsGoWhatItDoesNotRedirect() throws {
        let port = try #require(Port(15053))
        let block = try #require(IPPrefix("10.0.0.0/8"))
        let exempt = Rule([.destination(.of(block))], then: .return, because: Self.because)
        let udp = Rule([.transport(.udp)], then: .redirect(port), because: Self.because)
        let tcp = Rule([.transport(.tcp)], then: .redirect(port), because: Self.because)
        let level = try #require(LogLevel(4))
        let log = Rule([], then: .log(prefix: .output, level: level), because: Self.because)
        func count(_ first: [Rule]) throws -> Int {
            let table = NftTable(
                Ruleset(
                    instance: .mesh, families: [.ipv4, .ipv6],
                    baseChains: [BaseChain(.nat, .output, first: first)]))
            let isTCP = NftStatement.match(.l4proto, isNegated: false, .transport(.tcp))
            return try #require(table.chains.first).rules.count {
                $0.statements == [isTCP, .counter, .return]
            }
        }
        #expect(try count([exempt, udp]) == 1)
        #expect(try count([exempt, udp, tcp]) == 0, "both can be redirected")
        #expect(try count([udp, udp]) == 0, "nothing to be looked for")
        #expect(try count([log, exempt, udp]) == 0, "a line for each packet")
    }

    @Test func flowsDontOverlap() throws {
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

    @Test func commentsAreCutAndHoldNoSyntax() throws {
        let long = Rationale(String(repeating: "x", count: 300), key: "k")
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            baseChains: [BaseChain(.nat, .output, last: [Rule([], then: .return, because: long)])])
        let comment = try #require(NftTable(ruleset).chains[0].rules[0].comment)
        #expect(comment.utf8.count == 128)
    }

    @Test func everyScenarioIsDeterministic() throws {
        for scenario in Scenario.all {
            let ruleset = try scenario.compile().ruleset
            let emitter = NftablesEmitter(version: "1")
            #expect(try emitter.emit(ruleset) == emitter.emit(ruleset), "\(scenario)")
        }
    }

    /// A user may call a chain as one that goes on behind a rule is called.
    @Test(arguments: 1...12)
    func aUsersChainIsNoContinuation(number: Int) throws {
        let variable = "KUMA_TRANSPARENT_PROXY_REDIRECT_OUTBOUND"
        let config = try Configuration.load(
            environment: [
                "\(variable)_CHAIN_NAME": "OUT",
                "\(variable)_REDIRECT_CHAIN_NAME": "Out_PAST_\(number)",
            ]
        ).get().config
        let ruleset = Configuration.compile(config).ruleset
        let names = NftTable(ruleset).chains.map(\.name)
        #expect(Set(names).count == names.count, "\(names)")
        for chain in ruleset.chains {
            let name = NftTable.name(of: chain.name)
            #expect(NftTable.chainName(of: name)?.text == chain.name.text.uppercased())
        }
        let read = try NftablesBackend(version: "1").foreseen(ruleset).expressible()
        #expect(read.leftOut == [])
    }
}
