import Addressing
package import RuleIR

/// Interprets the rule IR, and so defines the meaning of a ruleset.
///
/// Every packet has an explanation. A ruleset that `Ruleset.check` accepts can't loop. In other
/// rules, jumps are followed as deep as in the kernel (`PacketEvaluator.maximumDepth`).
package struct RuleTrace: Sendable {
    package let rules: HookRules
    let sets: SetIndex

    package init(_ ruleset: Ruleset) {
        self.init(HookRules(ruleset))
    }

    package init(_ rules: HookRules) {
        self.rules = rules
        sets = SetIndex(rules.sets)
    }

    /// Evaluates the rules at the first hook that `packet` reaches.
    package func explain(_ packet: Packet) -> Explanation {
        var evaluator = PacketEvaluator(packet: packet, rules: rules, sets: sets)
        for base in rules.bases where base.hook == packet.hook {
            guard base.families.contains(packet.family) else { continue }
            // Only the first packet of a connection traverses nat chains, and the first chain that
            // translates it ends the traversal.
            if base.isNAT, packet.connectionState != .new || evaluator.isTranslated { continue }
            if case .dropped = evaluator.run(base) { break }
        }
        return evaluator.explanation
    }
}

/// Evaluates the chains of one hook for one packet.
struct PacketEvaluator {
    /// The result of a base chain.
    enum Verdict {
        case passes
        case dropped
    }

    /// The result of a list of rules.
    private enum Flow {
        /// The end of the list was reached.
        case ranOut
        /// A rule returned.
        case returned
        /// Evaluation of the base chain ended.
        case ended(Verdict)
    }

    /// The maximum depth of jumps (`NFT_JUMP_STACK_SIZE`; the default of iptables is no larger).
    static let maximumDepth = 16
    /// The maximum number of rules evaluated for one packet; a host has thousands.
    static let maximumRules = 1_000_000
    /// The maximum number of steps that one explanation records.
    static let maximumSteps = 10_000

    /// The packet as given.
    private let asked: Packet
    /// The packet with the changes that rules have made.
    private var packet: Packet
    private let rules: HookRules
    private let sets: SetIndex

    private var steps: [Explanation.Step] = []
    private var decisive: Explanation.Step?
    private var doubts: [TracedRule] = []
    private var conntrackZone: UInt16 = 0
    private var outcome: Explanation.Outcome = .untouched
    private var looked = 0

    init(packet: Packet, rules: HookRules, sets: SetIndex) {
        asked = packet
        self.packet = packet
        self.rules = rules
        self.sets = sets
    }

    /// Whether a rule has changed the destination.
    var isTranslated: Bool { outcome.isTranslation }

    var explanation: Explanation {
        Explanation(
            packet: asked, outcome: outcome, steps: steps, decisive: decisive, doubts: doubts,
            conntrackZone: conntrackZone)
    }

    mutating func run(_ base: HookRules.Base) -> Verdict {
        switch run(base.rules, isNAT: base.isNAT, depth: 0) {
        case .ended(let verdict): verdict
        case .returned, .ranOut: .passes
        }
    }

    private mutating func run(_ list: [TracedRule], isNAT: Bool, depth: Int) -> Flow {
        for rule in list {
            looked += 1
            guard looked <= Self.maximumRules, steps.count < Self.maximumSteps else {
                // Chains that call each other repeatedly can take more time than anyone would wait.
                doubts.append(rule)
                return .ended(.passes)
            }
            guard rule.matches.allSatisfy({ sets.holds($0, for: packet) }) else { continue }
            guard rule.isComplete else {
                if !rule.action.isHarmless { doubts.append(rule) }
                continue
            }
            let step = Explanation.Step(
                rule: rule, member: sets.member(of: rule.matches, for: packet))
            steps.append(step)
            switch rule.action {
            case .log, .aside: continue
            case .return:
                if isNAT { bypassed(by: step) }
                return .returned
            case .accept, .yieldToDockerDNS:
                if isNAT { bypassed(by: step) }
                return .ended(.passes)
            case .conntrackZone(let zone, let ends):
                if conntrackZone == 0 { conntrackZone = zone }
                if ends { return .ended(.passes) }
            case .redirect(let port):
                decide(.redirected(to: port), by: step)
                redirectLocally(port)
                return .ended(.passes)
            case .translate(let address, let port):
                decide(.translated(to: address, port), by: step)
                if let address { packet.destination = address }
                if let port { packet.destinationPort = port }
                return .ended(.passes)
            case .drop:
                decide(.dropped, by: step)
                return .ended(.dropped)
            case .jump(let name), .goto(let name):
                guard depth < Self.maximumDepth, let target = rules.chains[name] else {
                    doubts.append(rule)
                    continue
                }
                let flow = run(target, isNAT: isNAT, depth: depth + 1)
                if case .ended(let verdict) = flow { return .ended(verdict) }
                if case .goto = rule.action { return .returned }
            case .unknown: doubts.append(rule)
            }
        }
        return .ranOut
    }

    private mutating func bypassed(by step: Explanation.Step) {
        guard !isTranslated else { return }
        decide(.bypassed, by: step)
    }

    private mutating func decide(_ outcome: Explanation.Outcome, by step: Explanation.Step) {
        self.outcome = outcome
        decisive = step
    }

    /// Redirects the packet to this host, as `nf_nat_redirect` does.
    private mutating func redirectLocally(_ port: Port) {
        packet.destinationPort = port
        guard packet.direction == .outgoing else { return }
        packet.destination = .localhost(packet.family)
        packet.interface = rules.loopback
    }
}
