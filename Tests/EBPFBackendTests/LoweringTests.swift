import Addressing
import ConfigurationGenerator
import EBPFBackend
import Rehearsal
import RuleIR
import RuleTrace
import Testing
import TproxyTestSupport

/// The steps decide what the ruleset says, for every packet that has a socket.
@Suite struct LoweringTests {
    private static let unsupported = [
        "log.enabled", "dropInvalidPackets", "redirect.vnet.networks",
    ]

    @Test func generatedConfigurationsMeanTheSame() throws {
        var random = SeededGenerator.forTest()
        let seed = random.seed
        var (lowered, redirected, packets) = (0, 0, 0)
        var refusals: Set<String> = []
        for _ in 0..<120 {
            let planSeed = random.next()
            var configuration = ConfigurationGenerator.configuration(seed: planSeed)
            // Most configurations have a setting that is refused. Half are tried without.
            if planSeed.isMultiple(of: 2) {
                configuration.entries.removeAll { entry in
                    Self.unsupported.contains(entry.path)
                }
            }
            let generated = try GeneratedPlan(configuration)
            let plan: ProgramPlan
            do {
                plan = try EBPFEmitter().emit(generated.ruleset)
            } catch .limitExceeded(_, by: "ebpf", limit: _, instead: "nft") {
                continue
            } catch {
                guard case .unsupportedRule(let rule, by: "ebpf", reason: _, instead: "nft") = error
                else { throw error }
                #expect(!planSeed.isMultiple(of: 2), "\(error)")
                refusals.insert(rule.rationale.key)
                continue
            }
            lowered += 1
            let trace = RuleTrace(generated.ruleset)
            let steps = StepEvaluation(plan: plan)
            for packet in generated.paths(100, seed: planSeed).map(\.packet)
            where packet.direction == .outgoing || packet.transport == .tcp {
                guard packet.owner != nil || packet.direction == .incoming else { continue }
                var port: Port?
                if case .redirected(let to) = trace.explain(packet).outcome { port = to }
                try #require(
                    steps.port(of: packet) == port, "TPROXY_TEST_SEED=\(seed) \(packet)")
                packets += 1
                redirected += port == nil ? 0 : 1
            }
        }
        #expect(lowered > 40 && redirected > packets / 10)
        #expect(refusals == Set(Self.unsupported))
    }

    @Test func scenariosAreLoweredOrRefusedByKey() throws {
        var lowered: Set<String> = []
        for scenario in Scenario.all {
            let ruleset = try scenario.compile().ruleset
            do {
                let plan = try EBPFEmitter().emit(ruleset)
                #expect(plan.steps.count <= ProgramPlan.Limit.steps)
                lowered.insert(scenario.name)
            } catch {
                guard case .unsupportedRule(let rule, _, _, _) = error else { throw error }
                #expect(Self.unsupported.contains(rule.rationale.key), "\(scenario)")
            }
        }
        #expect(lowered.contains("default"))
    }

    @Test func everyStepContinuesAtALaterOne() throws {
        for scenario in Scenario.all {
            guard let plan = try? EBPFEmitter().emit(scenario.compile().ruleset) else { continue }
            for (index, step) in plan.steps.enumerated() {
                switch step {
                case .test(_, _, let next), .goTo(let next, _):
                    #expect(next > index && next < plan.steps.count)
                case .bypass, .redirect, .end: break
                }
            }
        }
    }

    /// No configuration gives rules for which it matters: nothing follows the jumps to chains that
    /// return.
    @Test func aReturnFromAChainContinuesAfterTheJump() throws {
        let why = Rationale("a rule", key: "a.key")
        let chain = ChainName.outbound
        let proxy = try #require(Port(15001))
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4, .ipv6],
            baseChains: [
                BaseChain(
                    .nat, .output,
                    last: [
                        Rule([.transport(.tcp)], then: .jump(chain), because: why),
                        Rule([.transport(.tcp)], then: .redirect(proxy), because: why),
                    ])
            ],
            chains: [
                Chain(
                    chain, .nat,
                    [
                        Rule(
                            [.transport(.tcp), .destinationPort(.port(.web))], then: .return,
                            because: why),
                        Rule([.transport(.tcp)], then: .redirect(.dns), because: why),
                    ])
            ])
        let steps = StepEvaluation(plan: try EBPFEmitter().emit(ruleset))
        let ports = [Port.web, .ssh].map { port in
            steps.port(
                of: Packet(
                    direction: .outgoing, transport: .tcp, owner: .arbitrary,
                    source: .localhost(.ipv4), destination: .documentation(.ipv4),
                    destinationPort: port, interface: .ethernet))
        }
        #expect(ports == [proxy, .dns])
    }

    @Test func conntrackZonesNeedNoSteps() throws {
        let zone = Rule(
            [.transport(.udp), .destinationPort(.port(.dns))], then: .conntrackZone(1),
            because: Rationale("proxy's own DNS query", key: "redirect.dns.enabled"))
        let plan = try EBPFEmitter().emit(
            Ruleset(
                instance: .mesh, families: [.ipv4],
                baseChains: [BaseChain(.raw, .output, last: [zone])]))
        #expect(plan.rules.isEmpty)
    }

    @Test func aListBeyondTheLimitIsRefused() throws {
        let prefixes = (0...ProgramPlan.Limit.prefixes).map { index in
            NamedSet.Member(
                IPPrefix(IPAddress(family: .ipv4, bits: UInt128(index))), source: "list")
        }
        let rule = Rule(
            [.destination(.inSet(SetName("far"), .ipv4))], then: .return,
            because: Rationale("excluded destination", key: "list"))
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4],
            sets: [NamedSet(SetName("far"), .addresses(.ipv4, prefixes))],
            baseChains: [BaseChain(.nat, .output, last: [rule])])
        #expect(
            throws: RulesetProblem.limitExceeded(
                "prefixes in address sets", by: "ebpf", limit: 131_072, instead: "nft")
        ) { try EBPFEmitter().emit(ruleset) }
    }

    /// The source of a connection that leaves the host isn't chosen before the route.
    @Test(arguments: [
        Match.source(.of(IPPrefix(.passthroughSource(.ipv4)))),
        .outputInterface(InterfacePattern(.ethernet)), .connectionState(.invalid),
    ])
    func aMatchThatSocketsDoNotHaveIsRefused(_ match: Match) throws {
        let rule = Rule([match], then: .return, because: Rationale("a rule", key: "a.key"))
        let ruleset = Ruleset(
            instance: .mesh, families: [.ipv4],
            baseChains: [BaseChain(.nat, .output, last: [rule])])
        let problem = #expect(throws: RulesetProblem.self) { try EBPFEmitter().emit(ruleset) }
        guard case .unsupportedRule(let refused, _, _, _)? = problem else {
            Issue.record("\(String(describing: problem))")
            return
        }
        #expect(refused.rationale.key == "a.key")
    }
}
