import Addressing
import Testing

@testable import RuleIR

@Suite struct RulesetCheckTests {
    static let because = Rationale("test", key: "test")

    func ruleset(
        _ rules: [Rule], stage: Stage = .nat, hook: Hook = .output, chains: [Chain] = [],
        sets: [NamedSet] = []
    ) -> Ruleset {
        Ruleset(
            instance: .mesh, families: [.ipv4], sets: sets,
            baseChains: [BaseChain(stage, hook, first: rules)], chains: chains)
    }

    func problem(_ ruleset: Ruleset) -> RulesetProblem? {
        do {
            try ruleset.check()
            return nil
        } catch {
            return error
        }
    }

    @Test func jumpToAnUnknownChainIsRefused() {
        let rules = [Rule([], then: .jump(.inbound), because: Self.because)]
        #expect(
            problem(ruleset(rules))
                == .unknownChain(.inbound, at: RuleLocation(.first(.nat, .output), 0)))
    }

    @Test func refusesALoop() {
        let loop = Chain(.inbound, .nat, [Rule([], then: .jump(.inbound), because: Self.because)])
        #expect(problem(ruleset([], chains: [loop])) == .jumpLoop(.inbound))
    }

    @Test(arguments: Stage.allCases)
    func refusesAJumpToAnotherStage(stage: Stage) {
        let inner = Chain(.inboundRedirect, stage, [])
        let outer = Chain(
            .inbound, stage, [Rule([], then: .jump(.inboundRedirect), because: Self.because)])
        let jump = Rule([], then: .jump(.inbound), because: Self.because)
        func ruleset(_ base: Stage, _ chains: [Chain]) -> Ruleset {
            self.ruleset([jump], stage: base, hook: .prerouting, chains: chains)
        }
        #expect(problem(ruleset(stage, [outer, inner])) == nil)
        for other in Stage.allCases where other != stage {
            #expect(
                problem(ruleset(other, [outer, inner]))
                    == .otherStage(.inbound, at: RuleLocation(.first(other, .prerouting), 0)))
            #expect(
                problem(ruleset(stage, [outer, Chain(.inboundRedirect, other, [])]))
                    == .otherStage(.inboundRedirect, at: RuleLocation(.chain(.inbound), 0)))
        }
    }

    @Test func aRegularChainDoesTheWorkOfItsStage() throws {
        let port = try #require(Port(80))
        let rules: [(Stage, Rule)] = [
            (.raw, Rule([], then: .conntrackZone(1), because: Self.because)),
            (.mangle, Rule([], then: .drop, because: Self.because)),
            (.nat, Rule([.transport(.tcp)], then: .redirect(port), because: Self.because)),
        ]
        for (home, rule) in rules {
            for stage in Stage.allCases {
                let chain = Chain(.inbound, stage, [rule])
                let jump = Rule([], then: .jump(.inbound), because: Self.because)
                let found = problem(ruleset([jump], stage: stage, chains: [chain]))
                let wrong = RulesetProblem.misplacedAction(
                    at: RuleLocation(.chain(.inbound), 0))
                #expect(found == (stage == home ? nil : wrong), "\(rule.action) in \(stage)")
            }
        }
        let state = Rule([.connectionState(.new)], then: .return, because: Self.because)
        #expect(
            problem(ruleset([], chains: [Chain(.inbound, .raw, [state])]))
                == .misplacedMatch(at: RuleLocation(.chain(.inbound), 0)))
    }

    @Test func refusesWhatAHookCantDo() throws {
        let port = try #require(Port(80))
        let redirect = Rule([.transport(.tcp)], then: .redirect(port), because: Self.because)
        #expect(problem(ruleset([redirect], stage: .raw)) != nil)
        #expect(problem(ruleset([redirect])) == nil)
        let bare = Rule([], then: .redirect(port), because: Self.because)
        #expect(problem(ruleset([bare])) != nil)
        let owner = Rule([.owner(.is(.root))], then: .return, because: Self.because)
        #expect(problem(ruleset([owner], hook: .prerouting)) != nil)
        let drop = Rule([], then: .drop, because: Self.because)
        #expect(problem(ruleset([drop])) != nil)
    }

    @Test func portsWithoutProtocolAndMixedFamiliesAreRefused() throws {
        let port = Rule([.destinationPort(.port(.dns))], then: .return, because: Self.because)
        #expect(
            problem(ruleset([port]))
                == .portWithoutTransport(at: RuleLocation(.first(.nat, .output), 0)))
        let four = try #require(IPPrefix("10.0.0.0/8"))
        let mixed = Rule(
            [.family(.ipv6), .destination(.of(four))], then: .return, because: Self.because)
        #expect(
            problem(ruleset([mixed])) == .mixedFamilies(at: RuleLocation(.first(.nat, .output), 0)))
    }

    /// In nftables a negated owner is a chain, which ends the base chain.
    @Test func returnForOtherOwnersBeforeOtherRulesIsRefused() {
        let others = Rule([.owner(.isNot(.root))], then: .return, because: Self.because)
        let inner = Chain(.outboundRedirect, .nat, [others])
        let outer = Chain(
            .outbound, .nat, [Rule([], then: .jump(.outboundRedirect), because: Self.because)])
        let jump = Rule([], then: .jump(.outbound), because: Self.because)
        let after = Rule([], then: .return, because: Self.because)
        let refused = RulesetProblem.returnForOtherOwners(
            at: RuleLocation(.chain(.outboundRedirect), 0))
        #expect(problem(ruleset([after, jump], chains: [outer, inner])) == nil)
        #expect(problem(ruleset([jump, after], chains: [outer, inner])) == refused)
        var twice = outer
        twice.rules.append(after)
        #expect(problem(ruleset([jump], chains: [twice, inner])) == refused)
        #expect(problem(ruleset([others, after])) == nil, "a return in a base chain")
    }

    @Test func setOfAnotherKindIsRefused() {
        let set = NamedSet(SetName("ports"), .ports([]))
        let rule = Rule(
            [.destination(.inSet(SetName("ports"), .ipv4))], then: .return, because: Self.because)
        #expect(
            problem(ruleset([rule], sets: [set]))
                == .wrongSetKind(SetName("ports"), at: RuleLocation(.first(.nat, .output), 0)))
    }

    @Test(arguments: ["a\"b", "a\\b", "a\nb", "é"])
    func reasonsThatNeedEscapingAreRefused(reason: String) {
        let rule = Rule([], then: .return, because: Rationale(reason, key: "k"))
        #expect(
            problem(ruleset([rule]))
                == .unprintableRationale(at: RuleLocation(.first(.nat, .output), 0)))
    }
}
