import Addressing
import RuleCompiler
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

@testable import Review

/// The graph agrees with the interpreter on every rule.
@Suite struct FlowGraphTests {
    /// Packets of every kind that the scenarios distinguish.
    private static func packets() throws -> [Packet] {
        let targets = [
            "203.0.113.1", "127.0.0.1", "127.0.0.6", "169.254.169.254", "192.168.7.7", "10.9.1.1",
            "172.17.0.9", "2001:db8::1", "::1", "fd00:7::1", "fd00:9::1",
        ]
        var packets: [Packet] = []
        for target in targets {
            for transport in TransportProtocol.allCases {
                for port: UInt32 in [22, 25, 53, 80, 443, 3306, 8000, 9000, 9901, 15153] {
                    for interface in ["lo", "eth0", "docker0", "br-7"] {
                        for owner: UInt32? in [nil, 0, 1700, 5678] {
                            packets.append(
                                try .out(transport, to: target, port, uid: owner, via: interface))
                        }
                        packets.append(try .in(transport, to: target, port, on: interface))
                        packets.append(
                            try .in(
                                transport, from: target, sourcePort: 53, to: target, port,
                                on: interface))
                    }
                }
            }
        }
        return packets
    }

    /// Exclusions have a separate chain only if a redirect follows them.
    @Test(arguments: [(false, [-99, -99]), (true, [-101, -99])])
    func segmentsHaveThePrioritiesOfNftables(hasDNS: Bool, priorities: [Int]) throws {
        let yaml = """
            redirect:
              dns: {enabled: \(hasDNS), captureAll: true, skipConntrackZoneSplit: true}
              outbound: {excludePortsForIPs: [10.0.0.0/8]}
            """
        let flow = try PacketFlow(Configuration.compile(yaml).ruleset, segmentOffset: 1)
        let lane = try #require(flow.lanes.first { $0.hook == .output })
        let found = lane.nodes.compactMap { node in
            if case .segment(let segment) = node.kind { segment.priority } else { nil }
        }
        #expect(found == priorities)
    }

    @Test(arguments: Scenario.all)
    func graphLeadsToTheInterpretersOutcome(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        try expectAgreement(ruleset)
        try expectAgreement(ruleset.withChainsInEveryStage)
        try expectAgreement(ruleset.ofSockets, segmentOffset: nil)
    }

    /// With eBPF, there are sockets and no hooks: no node has a priority, or is of another stage.
    @Test func pictureOfProgramsHasNoChainsOfTheKernel() throws {
        let yaml = "redirect: {dns: {enabled: true, captureAll: true}}"
        let rules = try Configuration.compile(yaml).ruleset.ofSockets
        let flow = try PacketFlow(rules, segmentOffset: nil)
        let text = MermaidText(flow).text
        #expect(text.contains("programs connect4, connect6, sendmsg4 and sendmsg6"))
        #expect(text.contains("program sk_lookup") && text.contains("(eBPF)"))
        #expect(!text.contains("priority") && !text.contains("hook ") && !text.contains("zone"))
        #expect(flow.title == "Packet path through the eBPF programs")
    }

    private func expectAgreement(_ ruleset: Ruleset, segmentOffset: Int? = 1) throws {
        let flow = try PacketFlow(ruleset, segmentOffset: segmentOffset)
        let trace = RuleTrace(ruleset)
        for packet in try Self.packets() where ruleset.families.contains(packet.family) {
            let explanation = trace.explain(packet)
            let lane = try #require(flow.lanes.first { $0.hook == packet.hook })
            let walk = GraphWalk(lane)
            let end = walk.end(of: explanation.steps)
            let wanted: [FlowEnd] =
                switch explanation.outcome {
                case .redirected(let port): [.proxy(port)]
                case .dropped: [.dropped]
                case .translated: []
                case .bypassed: [.notRedirected, .dockerDNS]
                case .untouched: [.notRedirected]
                }
            #expect(end.map(wanted.contains) == true, "\(packet): \(String(describing: end))")
        }
    }

    /// Without a change of what a packet meets: neighbouring bypasses are one row.
    @Test(arguments: Scenario.all)
    func foldedBypassesAreNeighboursWithOneTarget(scenario: Scenario) throws {
        let flow = try PacketFlow(try scenario.compile().ruleset, segmentOffset: 1)
        for lane in flow.lanes {
            for (node, whole) in zip(lane.withBypassesFolded.nodes, lane.nodes) {
                let unfolded = node.rows.flatMap { $0.folded.isEmpty ? [$0] : $0.folded }
                #expect(unfolded == whole.rows)
                for row in node.rows where !row.folded.isEmpty {
                    #expect(row.folded.count > 1)
                    #expect(row.folded.allSatisfy { $0.target == row.target && $0.effect == nil })
                    #expect(row.numbers.count == row.folded.reduce(0) { $0 + $1.numbers.count })
                }
                let targets = node.rows.filter { $0.effect == nil }.map(\.target)
                let ends = zip(targets, targets.dropFirst()).filter { $0 == $1 }
                #expect(!ends.contains { $0.0?.hasSuffix("_to_not_redirected") == true })
            }
        }
    }

    /// A rule and its twin for IPv6 are one row; every rule is in one row.
    @Test(arguments: Scenario.all)
    func twinsAreOneRow(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let flow = try PacketFlow(ruleset, segmentOffset: 1)
        for node in flow.lanes.flatMap(\.nodes) {
            guard case .chain(let name) = node.kind, let chain = ruleset.chain(named: name) else {
                continue
            }
            #expect(node.rows.flatMap { Array($0.numbers) } == Array(1...chain.rules.count))
            #expect(node.rows.count == chain.rules.withTwinsTogether.count)
        }
    }

    @Test(arguments: Scenario.all)
    func everyRuleOfABaseChainIsInTheGraph(scenario: Scenario) throws {
        let ruleset = try scenario.compile().ruleset
        let flow = try PacketFlow(ruleset, segmentOffset: 1)
        let reasons = Set(flow.lanes.flatMap(\.nodes).flatMap(\.rows).map(\.rationale))
        let all = Set(ruleset.baseChains.flatMap { $0.first + $0.last }.map(\.rationale))
        #expect(reasons.isSuperset(of: all))
    }

    @Test(arguments: Scenario.all)
    func edgesLeadDownToNodes(scenario: Scenario) throws {
        let flow = try PacketFlow(try scenario.compile().ruleset, segmentOffset: 0)
        for lane in flow.lanes {
            let places = Dictionary(
                uniqueKeysWithValues: lane.nodes.enumerated().map { ($0.element.id, $0.offset) })
            for edge in lane.edges {
                let from = try #require(places[edge.from])
                let to = try #require(places[edge.to], "\(edge.to)")
                #expect(from < to, "\(edge.from) to \(edge.to)")
            }
        }
    }

    /// It ends the base chain, from wherever it is reached.
    @Test func aZoneLeadsToTheNextStage() throws {
        let because = Rationale("a test", key: "kumaDPUser")
        let zone = Rule([], then: .conntrackZone(1), because: because)
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4],
            baseChains: [
                BaseChain(
                    .raw, .output,
                    last: [
                        Rule([], then: .jump(.outbound), because: because),
                        Rule([], then: .conntrackZone(2), because: because),
                    ]),
                BaseChain(.nat, .output, last: [Rule([], then: .return, because: because)]),
            ], chains: [Chain(.outbound, .raw, [zone])])
        let lane = try #require(try PacketFlow(ruleset, segmentOffset: 1).lanes.first)
        let node = try #require(lane.nodes.first { $0.kind == .chain(.outbound) })
        #expect(node.rows.first?.target == "output_nat_last")
    }

    @Test func aChainWithDifferentCallersSaysSo() throws {
        let because = Rationale("a test", key: "kumaDPUser")
        let tcp = Match.transport(.tcp)
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4],
            baseChains: [
                BaseChain(
                    .nat, .output,
                    first: [
                        Rule([tcp], then: .jump(.inbound), because: because),
                        Rule([], then: .return, because: because),
                    ],
                    last: [Rule([tcp], then: .jump(.outbound), because: because)])
            ],
            chains: [
                Chain(.inbound, .nat, [Rule([tcp], then: .return, because: because)]),
                Chain(.outbound, .nat, [Rule([tcp], then: .return, because: because)]),
            ])
        let lane = try #require(try PacketFlow(ruleset, segmentOffset: 1).lanes.first)
        func target(_ name: ChainName) -> String? {
            lane.nodes.first { $0.kind == .chain(name) }?.rows.first?.target
        }
        #expect(target(.inbound) == "output_to_after_jump")
        #expect(target(.outbound) == "output_to_not_redirected")
    }

    @Test func invalidRulesetHasNoGraph() {
        let loop = Ruleset(
            instance: .mesh, families: [.ipv4],
            baseChains: [
                BaseChain(
                    .nat, .output,
                    first: [Rule([], then: .jump(.inbound), because: Rationale("a", key: "b"))])
            ],
            chains: [
                Chain(
                    .inbound, .nat,
                    [Rule([], then: .jump(.inbound), because: Rationale("a", key: "b"))])
            ])
        #expect(throws: RulesetProblem.jumpLoop(.inbound)) {
            try PacketFlow(loop, segmentOffset: 1)
        }
    }
}

/// A packet's path through a lane, by the steps of the interpreter.
private struct GraphWalk {
    private let nodes: [String: FlowNode]
    private let start: FlowNode?

    init(_ lane: FlowLane) {
        nodes = Dictionary(uniqueKeysWithValues: lane.nodes.map { ($0.id, $0) })
        start = lane.nodes.first
    }

    /// The end to which the rules lead; nil if the graph has no such path.
    func end(of steps: [Explanation.Step]) -> FlowEnd? {
        var node = start
        for step in steps {
            // No rule of these nodes matched.
            while let here = node, row(of: here, at: step.rule.place) == nil {
                node = here.otherwise.flatMap { nodes[$0] }
            }
            guard let row = node.flatMap({ row(of: $0, at: step.rule.place) }) else { return nil }
            if let target = row.target { node = nodes[target] }
        }
        while let here = node {
            if case .end(let end) = here.kind { return end }
            node = here.otherwise.flatMap { nodes[$0] }
        }
        return nil
    }

    /// The row of the rule at a place, as the interpreter names it.
    private func row(of node: FlowNode, at place: String) -> FlowRow? {
        let list: RuleLocation.List
        switch node.kind {
        case .segment(let segment) where segment.part == .first:
            list = .first(segment.stage, segment.hook)
        case .segment(let segment): list = .last(segment.stage, segment.hook)
        case .chain(let name): list = .chain(name)
        case .origin, .socket, .end: return nil
        }
        return node.rows.first { row in
            row.numbers.contains { RuleLocation(list, $0 - 1).description == place }
        }
    }
}
