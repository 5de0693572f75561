import Addressing
import RuleIR

extension ProgramLowering {
    /// Appends a test for each match; one that doesn't hold continues at `otherwise`.
    mutating func lowerMatches(
        _ rule: Rule, at location: RuleLocation, _ hook: Hook, otherwise: Label
    ) throws(RulesetProblem) {
        var isLocal = false
        // Before the route, the source is known of traffic to this host only: this test is first.
        for case .outputInterface(let pattern) in rule.matches {
            guard pattern == InterfacePattern(.loopback) else {
                throw .ebpf(rule, at: location, because: EBPFReason.interface)
            }
            isLocal = true
            test(.local, otherwise: otherwise)
        }
        for match in rule.matches {
            switch match {
            case .family(let family): test(.family(family), otherwise: otherwise)
            case .transport(let transport): test(.transport(transport), otherwise: otherwise)
            case .source(let address):
                guard hook == .prerouting || isLocal else {
                    throw .ebpf(rule, at: location, because: EBPFReason.source)
                }
                try lower(address, ProgramPlan.Test.source, ProgramPlan.Test.sourceInSet, otherwise)
            case .destination(let address):
                try lower(
                    address, ProgramPlan.Test.destination, ProgramPlan.Test.destinationInSet,
                    otherwise)
            case .sourcePort(let port):
                guard hook == .prerouting else {
                    throw .ebpf(rule, at: location, because: EBPFReason.sourcePort)
                }
                try lower(
                    port, ProgramPlan.Test.sourcePort, ProgramPlan.Test.sourcePortInSet, otherwise)
            case .destinationPort(let port):
                try lower(
                    port, ProgramPlan.Test.destinationPort,
                    ProgramPlan.Test.destinationPortInSet, otherwise)
            case .owner(.is(let user)): test(.owner(user), otherwise: otherwise)
            // Every connection that the programs see has a socket.
            case .owner(.isNot(let user)):
                test(.owner(user), isNegated: true, otherwise: otherwise)
            case .ownedFlow(let name):
                test(.ownedFlow(try flows(of: name)), otherwise: otherwise)
            case .outputInterface: break
            case .inputInterface: throw forwardingProblem(rule, at: location)
            case .connectionState: throw .ebpf(rule, at: location, because: EBPFReason.state)
            }
        }
    }

    /// The problem of a rule for forwarded packets; it names the rule that redirects them.
    private func forwardingProblem(_ rule: Rule, at location: RuleLocation) -> RulesetProblem {
        let redirect = ruleset.locatedRules.first { _, rule in
            guard case .redirect = rule.action else { return false }
            return rule.matches.contains { if case .inputInterface = $0 { true } else { false } }
        }
        return .ebpf(
            redirect?.rule ?? rule, at: redirect?.location ?? location,
            because: EBPFReason.forwarded)
    }

    /// A packet of the other family matches neither a test nor its negation.
    private mutating func lower(
        _ address: AddressTest, _ isIn: (IPPrefix) -> ProgramPlan.Test,
        _ isInSet: (Int) -> ProgramPlan.Test, _ otherwise: Label
    ) throws(RulesetProblem) {
        test(.family(address.family), otherwise: otherwise)
        switch address.addresses {
        case .prefix(let prefix):
            test(isIn(prefix), isNegated: address.isNegated, otherwise: otherwise)
        case .set(let name, _):
            test(
                isInSet(try addressSet(name)), isNegated: address.isNegated, otherwise: otherwise)
        }
    }

    private mutating func lower(
        _ port: PortTest, _ isPort: (Port) -> ProgramPlan.Test,
        _ isInSet: (Int) -> ProgramPlan.Test,
        _ otherwise: Label
    ) throws(RulesetProblem) {
        switch port {
        case .port(let port): test(isPort(port), otherwise: otherwise)
        case .set(let name): test(isInSet(try portSet(name)), otherwise: otherwise)
        }
    }

    // MARK: Sets

    private mutating func addressSet(_ name: SetName) throws(RulesetProblem) -> Int {
        if let index = addressSets[name] { return index }
        guard case .addresses(let family, let members) = ruleset.set(named: name)?.members else {
            return 0
        }
        let index = try append(members.map(\.value), name, family)
        addressSets[name] = index
        return index
    }

    private mutating func portSet(_ name: SetName) throws(RulesetProblem) -> Int {
        if let index = portSets[name] { return index }
        guard case .ports(let members) = ruleset.set(named: name)?.members else { return 0 }
        let index = try append(PortRange.merging(members.map(\.value)), name)
        portSets[name] = index
        return index
    }

    private mutating func flows(of name: SetName) throws(RulesetProblem) -> Range<Int> {
        if let range = flows[name] { return range }
        guard case .ownedFlows(let members) = ruleset.set(named: name)?.members else {
            return 0..<0
        }
        let range = try append(FlowRectangles(members.map(\.value)).rectangles, name)
        flows[name] = range
        return range
    }
}
