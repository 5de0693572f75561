import Addressing
import RuleIR

/// Reads the rules back that steps were made from, planned or loaded.
///
/// The tests before an outcome are the matches of a rule. Its counter names the chain, so the steps
/// of a chain that is repeated are one chain again.
struct RuleReading {
    /// The chain of each hook, which has both segments, and the regular chains.
    private(set) var chains: [ListedChain] = []
    private let plan: ProgramPlan
    private var index = 0
    private var found: [Int: ListedRule] = [:]

    /// Reads the rules; nil if the steps aren't those of rules.
    init?(_ plan: ProgramPlan) {
        self.plan = plan
        guard read(0..<plan.inbound), read(plan.inbound..<plan.steps.count) else { return nil }
    }

    private mutating func read(_ steps: Range<Int>) -> Bool {
        index = steps.lowerBound
        // Packets of a family without rules are left alone.
        if plan.families.count == 1, case .test(.family, isNegated: false, _)? = step {
            index += 1
        }
        while let step, steps.contains(index) {
            if case .end = step { return index == steps.upperBound - 1 }
            guard readRule() else { return false }
        }
        return false
    }

    private var step: ProgramPlan.Step? {
        plan.steps.indices.contains(index) ? plan.steps[index] : nil
    }

    private mutating func readRule() -> Bool {
        var tests: [(test: ProgramPlan.Test, isNegated: Bool)] = []
        while case .test(let test, let isNegated, _)? = step {
            tests.append((test, isNegated))
            index += 1
        }
        guard let outcome = step?.outcome, plan.rules.indices.contains(outcome.rule),
            let matches = matches(tests)
        else { return false }
        index += 1
        let counted = plan.rules[outcome.rule]
        let effect: ListedRule.Effect
        switch outcome.step {
        case .redirect(let port, _): effect = .action(.redirect(port))
        // In a regular chain, it ends the base chain as well.
        case .bypass: effect = counted.location.list.isBase ? .action(.return) : .accept
        case .goTo: effect = counted.target.map { .jump($0.text) } ?? .action(.return)
        case .test, .end: return false
        }
        let rule = ListedRule(
            matches: matches, effect: effect, comment: counted.rationale.words,
            rationale: counted.rationale)
        if let earlier = found[outcome.rule] { return earlier == rule }
        found[outcome.rule] = rule
        append(rule, counted.location.list)
        return true
    }

    private mutating func append(_ rule: ListedRule, _ list: RuleLocation.List) {
        let name = list.programChain
        if let chain = chains.firstIndex(where: { $0.name == name }) {
            chains[chain].entries.append(.readable(rule))
        } else {
            chains.append(
                ListedChain(
                    name: name, attachment: list.attachment, entries: [.readable(rule)]))
        }
    }

    // MARK: Matches

    private func matches(_ tests: [(test: ProgramPlan.Test, isNegated: Bool)]) -> [Match]? {
        var matches: [Match] = []
        for (place, one) in tests.enumerated() {
            // The test of an address has one of its family before it.
            if case .family(let family) = one.test {
                if tests.indices.contains(place + 1), tests[place + 1].test.isOfAddress {
                    continue
                }
                matches.append(.family(family))
                continue
            }
            guard let match = match(one.test, isNegated: one.isNegated) else { return nil }
            matches.append(match)
        }
        return matches
    }

    private func match(_ test: ProgramPlan.Test, isNegated: Bool) -> Match? {
        func addresses(_ set: Int) -> AddressTest? {
            guard plan.names.addresses.indices.contains(set) else { return nil }
            let named = plan.names.addresses[set]
            return AddressTest(addresses: .set(named.name, named.family), isNegated: isNegated)
        }
        func ports(_ set: Int) -> PortTest? {
            plan.names.ports.indices.contains(set) ? .set(plan.names.ports[set]) : nil
        }
        switch test {
        case .family(let family): return .family(family)
        case .transport(let transport): return .transport(transport)
        case .source(let prefix):
            return .source(AddressTest(addresses: .prefix(prefix), isNegated: isNegated))
        case .sourceInSet(let set): return addresses(set).map { .source($0) }
        case .destination(let prefix):
            return .destination(AddressTest(addresses: .prefix(prefix), isNegated: isNegated))
        case .destinationInSet(let set): return addresses(set).map { .destination($0) }
        case .sourcePort(let port): return .sourcePort(.port(port))
        case .sourcePortInSet(let set): return ports(set).map { .sourcePort($0) }
        case .destinationPort(let port): return .destinationPort(.port(port))
        case .destinationPortInSet(let set): return ports(set).map { .destinationPort($0) }
        case .owner(let user): return .owner(isNegated ? .isNot(user) : .is(user))
        case .ownedFlow(let range):
            return plan.names.flows.first { $0.range == range }.map { .ownedFlow($0.name) }
        case .local: return .outputInterface(InterfacePattern(.loopback))
        }
    }
}

extension ProgramPlan.Step {
    /// The step and its rule; nil for a test, and for the end.
    fileprivate var outcome: (step: ProgramPlan.Step, rule: Int)? {
        switch self {
        case .goTo(_, let rule), .bypass(let rule), .redirect(_, let rule): (self, rule)
        case .test, .end: nil
        }
    }
}

extension ProgramPlan.Test {
    fileprivate var isOfAddress: Bool {
        switch self {
        case .source, .sourceInSet, .destination, .destinationInSet: true
        case .family, .transport, .sourcePort, .sourcePortInSet, .destinationPort,
            .destinationPortInSet, .owner, .ownedFlow, .local:
            false
        }
    }
}

extension RuleLocation.List {
    /// The name of the chain in a listing: programs have both segments of a hook in one.
    var programChain: String {
        switch self {
        case .first(let stage, let hook), .last(let stage, let hook):
            "\(stage.rawValue) \(hook.rawValue)"
        case .chain(let name): name.text
        }
    }

    /// Sockets are decided before every chain of the hook.
    fileprivate var attachment: HookAttachment? {
        switch self {
        case .first(let stage, let hook), .last(let stage, let hook):
            HookAttachment(
                type: stage.rawValue, hook: LoadedChain.Hook(hook), priority: Int(Int32.min))
        case .chain: nil
        }
    }

    /// Reads the text of a list; nil if it is none.
    init?(_ text: String) {
        for stage in Stage.allCases {
            for hook in Hook.allCases {
                for list in [Self.first(stage, hook), .last(stage, hook)]
                where list.description == text {
                    self = list
                    return
                }
            }
        }
        let prefix = "chain "
        guard text.hasPrefix(prefix), let name = ChainName(String(text.dropFirst(prefix.count)))
        else { return nil }
        self = .chain(name)
    }
}
