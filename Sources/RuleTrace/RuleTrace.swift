import Addressing
package import RuleIR

/// Interprets the rule IR, and so defines the meaning of a ruleset.
///
/// Every packet has an explanation. A ruleset that `Ruleset.check` accepts can't loop. In other
/// rules, jumps are followed as deep as in the kernel (`PacketEvaluator.maximumDepth`).
package struct RuleTrace: Sendable {
    package let rules: HookRules
    let sets: SetIndex
    /// The addresses of the host of the rules.
    let addresses: LocalAddresses
    /// The marks that packets have before the first rule; nil for those of an ordinary socket.
    let marks: PacketMarks?

    package init(_ ruleset: Ruleset) {
        self.init(HookRules(ruleset))
    }

    /// Interprets rules on a host with these addresses; without them, its addresses are unknown.
    package init(_ rules: HookRules, on addresses: LocalAddresses? = nil) {
        self.init(rules, sets: SetIndex(rules.sets), addresses, marks: nil)
    }

    init(_ rules: HookRules, sets: SetIndex, _ addresses: LocalAddresses?, marks: PacketMarks?) {
        self.rules = rules
        self.sets = sets
        self.addresses =
            addresses ?? LocalAddresses(loopback: rules.loopback, entries: nil)
        self.marks = marks
    }

    /// Evaluates the rules that `packet` meets, from the first hook that it reaches.
    ///
    /// Where the kernel chooses at random, every choice is followed.
    package func explain(_ packet: Packet) -> Explanation {
        var choices = RandomChoices()
        var evaluator = PacketEvaluator(packet, self, choices)
        evaluator.follow()
        choices = evaluator.choices
        var explanation = evaluator.explanation
        while choices.advance() {
            var evaluator = PacketEvaluator(packet, self, choices)
            evaluator.follow()
            choices = evaluator.choices
            explanation.add(evaluator.explanation)
        }
        explanation.isExhaustive = !choices.isCutShort
        return explanation
    }
}

/// Evaluates the chains that one packet meets.
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
    private var situation: Situation
    private let rules: HookRules
    private(set) var choices: RandomChoices

    private var steps: [Explanation.Step] = []
    private var decisive: Explanation.Step?
    private var doubts: [TracedRule] = []
    private var conntrackZone: UInt16 = 0
    private var outcome: Explanation.Outcome = .untouched
    private var isFollowed = false

    init(_ packet: Packet, _ trace: RuleTrace, _ choices: RandomChoices) {
        asked = packet
        rules = trace.rules
        self.choices = choices
        situation = Situation(
            packet: packet, marks: trace.marks ?? .initial(packet.connectionState),
            sets: trace.sets, addresses: trace.addresses)
    }

    var explanation: Explanation {
        Explanation(
            packet: asked, outcome: outcome, steps: steps, decisive: decisive, doubts: doubts,
            conntrackZone: conntrackZone, isFollowed: isFollowed)
    }

    /// Evaluates the chains of the packet's first hook, and of those after it.
    mutating func follow() {
        for base in rules.bases where base.hook == asked.hook {
            guard base.families.contains(asked.family) else { continue }
            // Only the first packet of a connection traverses nat chains, and the first chain that
            // translates it ends the traversal.
            if base.isNAT, asked.connectionState != .new || outcome.isTranslation { continue }
            guard case .dropped = run(base.rules, isNAT: base.isNAT) else { continue }
            isFollowed = true
            return
        }
        guard !rules.laterBases.isEmpty else { return }
        isFollowed = followFurther()
    }

    /// Evaluates the chains at the hooks after the first; returns false if these are unknown.
    private mutating func followFurther() -> Bool {
        switch asked.direction {
        case .incoming:
            guard let isLocal = self.isLocal else { return false }
            if isLocal {
                situation.part = .input
                takeRedirectTarget()
                runLater(.input)
                return true
            }
            let neighbour = situation.addresses.neighbour(of: situation.packet.destination)
            situation.part = .forward(to: neighbour)
            guard runLater(.forward) else { return true }
            situation.part = .forwarded(to: neighbour)
            runLater(.postrouting)
        case .outgoing:
            guard !situation.isAddressHidden else { return false }
            var interface: InterfaceName? = situation.packet.interface
            switch situation.rerouted {
            case .through(let name): interface = name
            case .unknown: interface = nil
            case nil: break
            }
            situation.part = .sent(to: interface)
            guard runLater(.postrouting) else { return true }
            guard let interface else {
                return situation.addresses.isLocal(situation.packet.destination) == false
            }
            guard interface == rules.loopback else { return true }
            situation.packet.interface = interface
            situation.part = .loopback
            situation.packet.direction = .incoming
            situation.packet.owner = nil
            // The connection has an entry and its translation, so nat chains don't see it again.
            for base in rules.bases where base.hook == .prerouting && !base.isNAT {
                guard base.families.contains(asked.family) else { continue }
                if case .dropped = run(base.rules, isNAT: false) { return true }
            }
            situation.part = .input
            runLater(.input)
        }
        return true
    }

    /// Whether an incoming packet is for this host; nil if that is unknown.
    private var isLocal: Bool? {
        if situation.isRedirectedHere { return true }
        return situation.isAddressHidden
            ? nil : situation.addresses.isLocal(situation.packet.destination)
    }

    /// Gives a redirected packet the address of its interface.
    private mutating func takeRedirectTarget() {
        guard situation.isRedirectedHere else { return }
        let target = situation.addresses.redirectTarget(
            on: asked.interface, for: situation.packet.destination)
        situation.isAddressHidden = target == nil
        if let target { situation.packet.destination = target }
    }

    /// Evaluates the chains of one later hook; returns whether the packet passes.
    @discardableResult
    private mutating func runLater(_ hook: LoadedChain.Hook) -> Bool {
        for base in rules.laterBases where base.hook == hook {
            guard base.families.contains(asked.family) else { continue }
            if base.isNAT, asked.connectionState != .new { continue }
            if case .dropped = run(base.rules, isNAT: false) { return false }
        }
        return true
    }

    private mutating func run(_ list: [TracedRule], isNAT: Bool) -> Verdict {
        switch run(list, isNAT: isNAT, depth: 0) {
        case .ended(let verdict): verdict
        case .returned, .ranOut: .passes
        }
    }

    private mutating func run(_ list: [TracedRule], isNAT: Bool, depth: Int) -> Flow {
        for rule in list {
            choices.looked += 1
            guard choices.looked <= Self.maximumRules, steps.count < Self.maximumSteps else {
                // Chains that call each other repeatedly can take more time than anyone would wait.
                doubts.append(rule)
                return .ended(.passes)
            }
            guard let isMet = self.isMet(rule) else {
                for change in rule.changes { situation.marks.mayApply(change) }
                if !rule.action.isHarmless { doubts.append(rule) }
                continue
            }
            guard isMet else { continue }
            for change in rule.changes { situation.marks.apply(change) }
            let step = Explanation.Step(
                rule: rule, member: situation.sets.member(of: rule.matches, for: situation.packet))
            steps.append(step)
            if let flow = perform(rule.action, step, isNAT: isNAT, depth: depth) { return flow }
        }
        return .ranOut
    }

    /// Whether the packet matches the rule; nil if that is unknown.
    ///
    /// If the kernel decides at random, it is chosen.
    private mutating func isMet(_ rule: TracedRule) -> Bool? {
        var isUnknown = !rule.isComplete
        for match in rule.matches {
            switch situation.holds(match) {
            case true?: continue
            case false?: return false
            case nil: isUnknown = true
            }
        }
        var isRandom = false
        for condition in rule.conditions {
            if case .random = condition.subject {
                isRandom = true
                continue
            }
            switch situation.meets(condition) {
            case true?: continue
            case false?: return false
            case nil: isUnknown = true
            }
        }
        if isUnknown { return nil }
        return isRandom ? choices.choose(of: 2) == 0 : true
    }

    /// Performs an action; returns nil if evaluation continues with the next rule.
    private mutating func perform(
        _ action: TracedAction, _ step: Explanation.Step, isNAT: Bool, depth: Int
    ) -> Flow? {
        switch action {
        case .log, .aside: return nil
        case .return:
            if isNAT { bypassed(by: step) }
            return .returned
        case .accept, .yieldToDockerDNS:
            if isNAT { bypassed(by: step) }
            return .ended(.passes)
        case .conntrackZone(let zone, let ends):
            if conntrackZone == 0, situation.isFirst { conntrackZone = zone }
            return ends ? .ended(.passes) : nil
        case .redirect(let port):
            decide(.redirected(to: port), by: step)
            redirectLocally(port)
            return .ended(.passes)
        case .translate(let address, let port):
            decide(.translated(to: address, port), by: step)
            translate(to: address, port)
            return .ended(.passes)
        case .drop:
            decide(.dropped, by: step)
            return .ended(.dropped)
        case .jump(let name), .goto(let name):
            guard depth < Self.maximumDepth, let target = rules.chains[name] else {
                doubts.append(step.rule)
                return nil
            }
            let flow = run(target, isNAT: isNAT, depth: depth + 1)
            if case .ended(let verdict) = flow { return .ended(verdict) }
            if case .goto = action { return .returned }
            return nil
        case .oneOf(let actions):
            guard !actions.isEmpty else { return nil }
            return perform(
                actions[choices.choose(of: actions.count)], step, isNAT: isNAT, depth: depth)
        case .unknown:
            doubts.append(step.rule)
            return nil
        }
    }

    private mutating func bypassed(by step: Explanation.Step) {
        guard !outcome.isTranslation else { return }
        decide(.bypassed, by: step)
    }

    private mutating func decide(_ outcome: Explanation.Outcome, by step: Explanation.Step) {
        self.outcome = outcome
        decisive = step
        if outcome.isTranslation { situation.isTranslated = true }
    }

    /// Redirects the packet to this host, as `nf_nat_redirect` does.
    private mutating func redirectLocally(_ port: Port) {
        situation.packet.destinationPort = port
        guard situation.packet.direction == .outgoing else {
            situation.isRedirectedHere = true
            return
        }
        situation.packet.destination = .localhost(situation.packet.family)
        situation.rerouted = .through(rules.loopback)
    }

    private mutating func translate(to address: IPAddress?, _ port: Port?) {
        if address == nil, port == nil {
            situation.isAddressHidden = true
            situation.isPortHidden = true
        }
        if let port { situation.packet.destinationPort = port }
        guard let address else { return }
        situation.packet.destination = address
        guard situation.packet.direction == .outgoing else { return }
        let interface =
            situation.addresses.contains(address)
            ? rules.loopback : situation.addresses.neighbour(of: address)
        situation.rerouted = interface.map { .through($0) } ?? .unknown
    }
}
