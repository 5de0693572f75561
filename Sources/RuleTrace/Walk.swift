import Addressing
import RuleIR

/// One packet on its way through the chains of one hook.
struct Walk {
    /// What a base chain did with the packet.
    enum Verdict {
        case goesOn
        case redirected(Port)
        case dropped
    }

    /// What a list of rules did with the packet.
    private enum Flow {
        /// Every rule was seen.
        case ranOut
        /// A rule returned.
        case returned
        case settled(Verdict)
    }

    let packet: Packet
    let ruleset: Ruleset
    let sets: SetIndex

    private var steps: [Explanation.Step] = []
    private(set) var decisive: Explanation.Step?
    private var conntrackZone: UInt16 = 0

    init(packet: Packet, ruleset: Ruleset, sets: SetIndex) {
        self.packet = packet
        self.ruleset = ruleset
        self.sets = sets
    }

    func explanation(_ outcome: Explanation.Outcome) -> Explanation {
        Explanation(
            packet: packet, outcome: outcome, steps: steps, decisive: decisive,
            conntrackZone: conntrackZone)
    }

    /// Runs both segments; a packet that returns in `first` never meets `last`.
    mutating func run(_ base: BaseChain) -> Verdict {
        switch run(base.first, .first(base.stage, base.hook), isNAT: base.stage == .nat) {
        case .settled(let verdict): return verdict
        case .returned: return .goesOn
        case .ranOut: break
        }
        switch run(base.last, .last(base.stage, base.hook), isNAT: base.stage == .nat) {
        case .settled(let verdict): return verdict
        case .returned, .ranOut: return .goesOn
        }
    }

    private mutating func run(_ rules: [Rule], _ list: RuleLocation.List, isNAT: Bool) -> Flow {
        for (index, rule) in rules.enumerated() where rule.matches.allSatisfy(holds) {
            let step = Explanation.Step(
                location: RuleLocation(list, index), rule: rule,
                member: sets.member(of: rule, for: packet))
            steps.append(step)
            switch rule.action {
            case .log: continue
            case .return, .yieldToDockerDNS:
                if isNAT { decisive = step }
                return .returned
            case .conntrackZone(let zone):
                conntrackZone = zone
                return .returned
            case .redirect(let port):
                decisive = step
                return .settled(.redirected(port))
            case .drop:
                decisive = step
                return .settled(.dropped)
            case .jump(let name):
                let target = ruleset.chain(named: name)?.rules ?? []
                if case .settled(let verdict) = run(target, .chain(name), isNAT: isNAT) {
                    return .settled(verdict)
                }
            }
        }
        return .ranOut
    }

    private func holds(_ match: Match) -> Bool {
        switch match {
        case .family(let family): packet.family == family
        case .transport(let transport): packet.transport == transport
        case .source(let test): sets.holds(test, for: packet.source)
        case .destination(let test): sets.holds(test, for: packet.destination)
        case .sourcePort(let test): packet.sourcePort.map { sets.holds(test, for: $0) } ?? false
        case .destinationPort(let test): sets.holds(test, for: packet.destinationPort)
        case .inputInterface(let pattern):
            packet.direction == .incoming && pattern.matches(packet.interface)
        case .outputInterface(let pattern):
            packet.direction == .outgoing && pattern.matches(packet.interface)
        case .owner(.is(let user)): packet.owner == user
        case .owner(.isNot(let user)): packet.owner != user
        case .ownedFlow(let name): sets.ownedFlowHolds(name, for: packet)
        case .connectionState(let state): packet.connectionState == state
        }
    }
}
