import Addressing
import RuleIR
import RuleTrace
import Testing

/// The effect of foreign filter chains on a redirected packet, including unknown ones.
@Suite struct FilterTraceTests {
    private enum Expected: Equatable {
        case passes
        case dropped(String)
        case unknown(String)
    }

    private func rule(
        _ number: Int, _ effect: FilterRule.Effect, _ matches: [Match] = [],
        _ conditions: [FilterCondition] = [], isComplete: Bool = true
    ) -> FilterRule {
        FilterRule(
            number: number, text: "rule \(number)", matches: matches, conditions: conditions,
            isComplete: isComplete, effect: effect)
    }

    private func verdict(
        _ rules: [FilterRule], policy: Bool = false, chains: [FilterChain] = [],
        sets: [NamedSet] = []
    ) throws -> Expected {
        let base = FilterChain(
            "input", base: .init(type: "filter", hook: .input, priority: 0), dropsAtEnd: policy,
            rules: rules)
        let table = FilterTable(
            tool: .nft, family: .inet, name: "wall", chains: [base] + chains, sets: sets)
        let packet = Packet(
            direction: .incoming, transport: .tcp, owner: nil,
            source: try #require(IPAddress("203.0.113.7")), sourcePort: .ephemeral,
            destination: try #require(IPAddress("192.0.2.1")), destinationPort: .inboundDefault,
            interface: .ethernet)
        switch FilterTrace([table]).verdict(on: FilterPacket(packet, on: .input)) {
        case .passes: return .passes
        case .dropped(let place):
            return .dropped(place.rule.map { "\(place.chain) \($0)" } ?? "policy")
        case .unknown(let place):
            return .unknown(place.rule.map { "\(place.chain) \($0)" } ?? "policy")
        }
    }

    private let ssh = [Match.transport(.tcp), .destinationPort(.port(.ssh))]

    @Test func rulesAndThePolicyDecide() throws {
        #expect(try verdict([rule(1, .accept, ssh)]) == .passes)
        #expect(try verdict([rule(1, .accept, ssh)], policy: true) == .dropped("policy"))
        #expect(try verdict([rule(1, .accept, ssh), rule(2, .drop)]) == .dropped("input 2"))
        #expect(try verdict([rule(1, .accept)], policy: true) == .passes)
    }

    /// In a base chain a return leads to the policy, and so does a goto to a chain that returns.
    @Test func returnsLeadToThePolicy() throws {
        let empty = FilterChain("sub")
        #expect(
            try verdict([rule(1, .return), rule(2, .accept)], policy: true) == .dropped("policy"))
        #expect(try verdict([rule(1, .return), rule(2, .drop)]) == .passes)
        #expect(
            try verdict([rule(1, .goto("sub")), rule(2, .accept)], policy: true, chains: [empty])
                == .dropped("policy"))
        #expect(
            try verdict([rule(1, .jump("sub")), rule(2, .accept)], policy: true, chains: [empty])
                == .passes)
    }

    @Test func conntrackStatesAreDecided() throws {
        func accepting(_ words: WordSet, isNegated: Bool = false) throws -> Expected {
            try verdict(
                [rule(1, .accept, [], [.init(.connection(words), isNegated: isNegated)])],
                policy: true)
        }
        #expect(try accepting(["dnat"]) == .passes)
        #expect(try accepting(["new", "untracked"]) == .passes)
        #expect(try accepting(["established", "related"]) == .dropped("policy"))
        #expect(try accepting(["established", "related"], isNegated: true) == .passes)
    }

    /// A rule in doubt matters only if it could change the verdict.
    @Test func doubtsAreReportedOnlyIfTheyMatter() throws {
        let doubt = rule(1, .accept, isComplete: false)
        #expect(try verdict([doubt, rule(2, .drop)]) == .unknown("input 1"))
        #expect(try verdict([doubt, rule(2, .accept)]) == .passes)
        #expect(try verdict([rule(1, .drop, isComplete: false)]) == .unknown("input 1"))
        #expect(
            try verdict([rule(1, .drop, isComplete: false), rule(2, .drop)]) == .dropped("input 2"))
        #expect(
            try verdict([rule(1, .aside, isComplete: false)], policy: true) == .dropped("policy"))
        #expect(try verdict([rule(1, .unknown)]) == .unknown("input 1"))
        // The rule certainly doesn't match, whatever its other matches.
        #expect(
            try verdict([rule(1, .accept, ssh, isComplete: false)], policy: true)
                == .dropped("policy"))
        let chain = FilterChain("sub", rules: [rule(1, .accept, ssh), rule(2, .aside)])
        #expect(
            try verdict(
                [rule(1, .jump("sub"), isComplete: false)], policy: true, chains: [chain])
                == .dropped("policy"))
        let opening = FilterChain("sub", rules: [rule(1, .accept)])
        #expect(
            try verdict(
                [rule(1, .jump("sub"), isComplete: false)], policy: true, chains: [opening])
                == .unknown("input 1"))
    }

    /// A set that wasn't read and the owner of a socket can't be decided.
    @Test func unreadSetsAreADoubt() throws {
        let name = SetName("open")
        let asking = rule(1, .accept, [.transport(.tcp), .destinationPort(.set(name))])
        #expect(try verdict([asking], policy: true) == .unknown("input 1"))
        let set = NamedSet(name, .ports([.init(PortRange(.ssh), source: "")]))
        #expect(try verdict([asking], policy: true, sets: [set]) == .dropped("policy"))
        #expect(
            try verdict([rule(1, .accept, [.owner(.is(.root))])], policy: true)
                == .unknown("input 1"))
    }
}
