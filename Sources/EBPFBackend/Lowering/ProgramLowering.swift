import Addressing
import RuleIR

/// Lowers a ruleset to the steps of the eBPF programs.
///
/// Each match becomes a test and each action an outcome, in the order of the rules: a step continues
/// at a later one only. A chain is repeated for each jump to it, so a return continues after the
/// jump. The rules of the output hook decide where a socket's connections and datagrams go, and
/// those of prerouting which incoming connections the proxy's listener takes.
struct ProgramLowering {
    let ruleset: Ruleset
    private(set) var plan = ProgramPlan()
    private var labels: [Int?] = []
    private var counters: [RuleLocation: Int] = [:]
    var addressSets: [SetName: Int] = [:]
    var portSets: [SetName: Int] = [:]
    var flows: [SetName: Range<Int>] = [:]

    /// A place in the steps, which is known when it is set.
    struct Label: Hashable {
        fileprivate var index: Int
    }

    static func plan(of ruleset: Ruleset) throws(RulesetProblem) -> ProgramPlan {
        try ruleset.check()
        var lowering = ProgramLowering(ruleset: ruleset)
        lowering.plan.families = ruleset.families
        try lowering.checkOtherStages()
        try lowering.lower(.output)
        lowering.plan.inbound = lowering.plan.steps.count
        try lowering.lower(.prerouting)
        try lowering.choosePorts()
        return try lowering.finished()
    }

    private init(ruleset: Ruleset) {
        self.ruleset = ruleset
    }

    /// Checks the rules of the raw and mangle stages.
    ///
    /// Conntrack zones keep an application's DNS query apart from the proxy's own while both have
    /// translated addresses. eBPF translates none, so it needs no zones.
    private func checkOtherStages() throws(RulesetProblem) {
        for (location, rule) in ruleset.locatedRules {
            guard let stage = stage(of: location), stage != .nat else { continue }
            switch rule.action {
            case .conntrackZone: continue
            case .drop: throw .ebpf(rule, at: location, because: EBPFReason.drop)
            case .log: throw .ebpf(rule, at: location, because: EBPFReason.log)
            case .return, .jump, .redirect, .yieldToDockerDNS:
                throw .ebpf(rule, at: location, because: EBPFReason.raw)
            }
        }
    }

    private func stage(of location: RuleLocation) -> Stage? {
        switch location.list {
        case .first(let stage, _), .last(let stage, _): stage
        case .chain(let name): ruleset.chain(named: name)?.stage
        }
    }

    // MARK: Chains

    private mutating func lower(_ hook: Hook) throws(RulesetProblem) {
        let end = label()
        // The rules don't see packets of other families.
        if ruleset.families.count == 1, let only = ruleset.families.first {
            test(.family(only), otherwise: end)
        }
        if let base = ruleset.baseChain(.nat, hook) {
            for (list, rules) in [
                (RuleLocation.List.first(.nat, hook), base.first), (.last(.nat, hook), base.last),
            ] {
                try lower(rules, list, hook, end: nil)
            }
        }
        set(end)
        plan.steps.append(.end)
    }

    /// Lowers the rules of a list; `end` is the step after a chain, and nil in a base chain.
    private mutating func lower(
        _ rules: [Rule], _ list: RuleLocation.List, _ hook: Hook, end: Label?
    ) throws(RulesetProblem) {
        for (index, rule) in rules.enumerated() {
            let location = RuleLocation(list, index)
            let next = label()
            try lowerMatches(rule, at: location, hook, otherwise: next)
            try lowerAction(rule, at: location, hook, next: next, end: end)
            set(next)
        }
    }

    private mutating func lowerAction(
        _ rule: Rule, at location: RuleLocation, _ hook: Hook, next: Label, end: Label?
    ) throws(RulesetProblem) {
        guard plan.steps.count <= ProgramPlan.Limit.steps else {
            throw .ebpf(exceeds: ProgramPlan.Limit.steps, "steps of rules")
        }
        let counter = counter(of: rule, at: location)
        switch rule.action {
        case .return:
            if let end {
                plan.steps.append(.goTo(end.index, rule: counter))
            } else {
                plan.steps.append(.bypass(rule: counter))
            }
        // Docker's own rules are of nf_tables or iptables, and see the packet later.
        case .yieldToDockerDNS: plan.steps.append(.bypass(rule: counter))
        case .jump(let name):
            let body = label()
            plan.steps.append(.goTo(body.index, rule: counter))
            set(body)
            try lower(
                ruleset.chain(named: name)?.rules ?? [], .chain(name), hook, end: next)
        case .redirect(let port):
            if hook == .prerouting, rule.transport != .tcp {
                throw .ebpf(rule, at: location, because: EBPFReason.datagrams)
            }
            plan.steps.append(.redirect(port, rule: counter))
        case .drop: throw .ebpf(rule, at: location, because: EBPFReason.drop)
        case .log: throw .ebpf(rule, at: location, because: EBPFReason.log)
        case .conntrackZone: throw .ebpf(rule, at: location, because: EBPFReason.raw)
        }
    }

    /// Returns the counter of a rule, which is one for all places that its chain is repeated at.
    private mutating func counter(of rule: Rule, at location: RuleLocation) -> Int {
        if let counter = counters[location] { return counter }
        let counter = plan.rules.count
        var counted = CountedRule(location: location, rationale: rule.rationale)
        if case .jump(let name) = rule.action { counted.target = name }
        plan.rules.append(counted)
        counters[location] = counter
        return counter
    }

    // MARK: Steps

    mutating func test(
        _ test: ProgramPlan.Test, isNegated: Bool = false, otherwise: Label
    ) {
        plan.steps.append(.test(test, isNegated: isNegated, otherwise: otherwise.index))
    }

    private mutating func label() -> Label {
        labels.append(nil)
        return Label(index: labels.count - 1)
    }

    private mutating func set(_ label: Label) {
        labels[label.index] = plan.steps.count
    }

    /// Returns the plan with places in the steps of labels.
    private consuming func finished() throws(RulesetProblem) -> ProgramPlan {
        guard plan.steps.count <= ProgramPlan.Limit.steps else {
            throw .ebpf(exceeds: ProgramPlan.Limit.steps, "steps of rules")
        }
        let labels = labels
        let place = { (label: Int) in labels[label] ?? 0 }
        plan.steps = plan.steps.map { step in
            switch step {
            case .test(let test, let isNegated, let label):
                .test(test, isNegated: isNegated, otherwise: place(label))
            case .goTo(let label, let rule): .goTo(place(label), rule: rule)
            case .bypass, .redirect, .end: step
            }
        }
        return plan
    }
}

extension ProgramLowering {
    /// Finds the proxy's ports, whose listeners the programs must know.
    private mutating func choosePorts() throws(RulesetProblem) {
        for (index, step) in plan.steps.enumerated() {
            guard case .redirect(let port, let counter) = step else { continue }
            let counted = plan.rules[counter]
            guard
                let (location, rule) = ruleset.locatedRules.first(where: {
                    $0.location == counted.location
                }), rule.transport == .tcp
            else { continue }
            if index >= plan.inbound {
                guard plan.inboundPort == nil || plan.inboundPort == port else {
                    throw .ebpf(rule, at: location, because: EBPFReason.ports)
                }
                plan.inboundPort = port
            }
            if !plan.proxyPorts.contains(port) { plan.proxyPorts.append(port) }
        }
        guard plan.proxyPorts.count <= ProgramPlan.Limit.proxyPorts else {
            throw .ebpf(exceeds: ProgramPlan.Limit.proxyPorts, "ports of the proxy for TCP")
        }
    }

    mutating func append(
        _ prefixes: [IPPrefix], _ name: SetName, _ family: AddressFamily
    ) throws(RulesetProblem) -> Int {
        plan.addressSets.append(prefixes)
        plan.names.addresses.append(SetNames.Addresses(name: name, family: family))
        guard plan.addressSets.map(\.count).reduce(0, +) <= ProgramPlan.Limit.prefixes else {
            throw .ebpf(exceeds: ProgramPlan.Limit.prefixes, "prefixes in address sets")
        }
        return plan.addressSets.count - 1
    }

    mutating func append(_ ranges: [PortRange], _ name: SetName) throws(RulesetProblem) -> Int {
        plan.portSets.append(ranges)
        plan.names.ports.append(name)
        guard plan.portSets.count <= ProgramPlan.Limit.portSets else {
            throw .ebpf(exceeds: ProgramPlan.Limit.portSets, "port sets")
        }
        return plan.portSets.count - 1
    }

    mutating func append(
        _ rectangles: [FlowRectangle], _ name: SetName
    ) throws(RulesetProblem) -> Range<Int> {
        let first = plan.flows.count
        plan.flows += rectangles
        plan.names.flows.append(SetNames.Flows(name: name, range: first..<plan.flows.count))
        guard plan.flows.count <= ProgramPlan.Limit.flows else {
            throw .ebpf(exceeds: ProgramPlan.Limit.flows, "combinations of owners and ports")
        }
        return first..<plan.flows.count
    }
}
