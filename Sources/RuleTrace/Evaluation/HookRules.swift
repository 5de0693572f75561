package import Addressing
package import RuleIR

/// The rules that the kernel evaluates at its hooks, in order, ours and foreign.
///
/// A `Ruleset` is loaded by one program. This value holds the rules that a packet meets: those of a
/// ruleset, or all rules listed on a host.
package struct HookRules: Sendable {
    /// The rules of one base chain.
    package struct Base: Hashable, Sendable {
        package var hook: Hook
        /// The families whose packets the chain sees.
        package var families: [AddressFamily]
        /// Whether this is a nat chain: it sees only the first packet of a connection (nf_nat).
        package var isNAT: Bool
        package var rules: [TracedRule]

        package init(
            _ hook: Hook, families: [AddressFamily], isNAT: Bool, rules: [TracedRule]
        ) {
            self.hook = hook
            self.families = families
            self.isNAT = isNAT
            self.rules = rules
        }
    }

    /// A base chain at a hook that packets reach later: input, forward or postrouting.
    package struct LaterBase: Hashable, Sendable {
        package var hook: LoadedChain.Hook
        package var families: [AddressFamily]
        package var isNAT: Bool
        package var rules: [TracedRule]

        package init(
            _ hook: LoadedChain.Hook, families: [AddressFamily], isNAT: Bool, rules: [TracedRule]
        ) {
            self.hook = hook
            self.families = families
            self.isNAT = isNAT
            self.rules = rules
        }
    }

    /// The base chains, in the order in which the kernel runs them.
    package var bases: [Base]
    /// The base chains at later hooks, in order; rulesets of ours have none.
    package var laterBases: [LaterBase] = []
    /// The regular chains, by the name that rules use in a jump or goto.
    package var chains: [String: [TracedRule]]
    package var sets: [NamedSet]
    /// The interface through which packets to this host leave.
    package var loopback: InterfaceName

    package init(
        bases: [Base], chains: [String: [TracedRule]], sets: [NamedSet],
        loopback: InterfaceName = .loopback
    ) {
        self.bases = bases
        self.chains = chains
        self.sets = sets
        self.loopback = loopback
    }
}

/// A rule that a packet may meet.
package struct TracedRule: Hashable, Sendable {
    package var matches: [Match]
    /// What the rule matches besides; rules of ours have no such conditions.
    package var conditions: [FilterCondition] = []
    /// Whether `matches` and `conditions` are all that the rule matches.
    ///
    /// An incomplete rule certainly doesn't match a packet for which one of `matches` fails.
    /// Whether it matches any other packet is unknown.
    package var isComplete: Bool
    /// The changes of marks before the action.
    package var changes: [PacketChange] = []
    package var action: TracedAction
    package var rationale: Rationale
    /// The place of the rule as text, such as `chain OUTBOUND, rule 2`.
    package var place: String
    /// Whether the rule is in a base chain, where a return ends the chain.
    package var isInBase: Bool
    /// The rule in the syntax of its tool, if it isn't in the terms of the IR.
    package var text: String?

    package init(
        _ matches: [Match], isComplete: Bool = true, then action: TracedAction,
        because rationale: Rationale, place: String, isInBase: Bool
    ) {
        self.matches = matches
        self.isComplete = isComplete
        self.action = action
        self.rationale = rationale
        self.place = place
        self.isInBase = isInBase
    }
}

/// The action of a rule; the set is larger than that of a `Ruleset`.
package indirect enum TracedAction: Hashable, Sendable {
    case `return`
    /// Ends evaluation of the base chain, from any depth of jumps.
    case accept
    case jump(String)
    /// A jump without return: at the end of the chain, evaluation continues after the last jump.
    case goto(String)
    case redirect(Port)
    /// Changes the destination of the connection to this address, port or both.
    ///
    /// Nil for both is a destination that the listing doesn't show.
    case translate(to: IPAddress?, Port?)
    /// One of these actions; the kernel chooses at random.
    case oneOf([TracedAction])
    case drop
    case log(String)
    /// Sets the zone; `ends` if later rules of the base chain can't matter.
    case conntrackZone(UInt16, ends: Bool)
    case yieldToDockerDNS
    /// An action that doesn't affect the packet, such as a counter.
    case aside(String)
    /// An action with unknown effect.
    case unknown(String)
}

extension HookRules {
    /// Creates the rules of a ruleset.
    ///
    /// Both segments of a base chain form one list: a packet that returns in `first` never reaches
    /// `last`.
    package init(_ ruleset: Ruleset) {
        var bases: [Base] = []
        for stage in Stage.allCases {
            for hook in Hook.allCases {
                guard let base = ruleset.baseChain(stage, hook) else { continue }
                let first = TracedRule.list(base.first, .first(stage, hook))
                let last = TracedRule.list(base.last, .last(stage, hook))
                bases.append(
                    Base(
                        hook, families: ruleset.families, isNAT: stage == .nat,
                        rules: first + last))
            }
        }
        let chains = ruleset.chains.map { chain in
            (chain.name.text, TracedRule.list(chain.rules, .chain(chain.name)))
        }
        self.init(
            bases: bases, chains: Dictionary(chains) { first, _ in first }, sets: ruleset.sets)
    }
}

extension TracedRule {
    fileprivate static func list(_ rules: [Rule], _ list: RuleLocation.List) -> [TracedRule] {
        let isInBase: Bool
        switch list {
        case .first, .last: isInBase = true
        case .chain: isInBase = false
        }
        return rules.enumerated().map { index, rule in
            TracedRule(
                rule.matches, then: TracedAction(rule.action), because: rule.rationale,
                place: "\(RuleLocation(list, index))", isInBase: isInBase)
        }
    }
}

extension TracedAction {
    package init(_ action: Action) {
        switch action {
        case .return: self = .return
        case .jump(let name): self = .jump(name.text)
        case .redirect(let port): self = .redirect(port)
        case .drop: self = .drop
        case .log(let prefix, let level):
            self = .log("'\(prefix.rawValue)', level \(level.number)")
        case .conntrackZone(let zone): self = .conntrackZone(zone, ends: true)
        case .yieldToDockerDNS: self = .yieldToDockerDNS
        }
    }

    /// Whether the action never affects the packet.
    var isHarmless: Bool {
        switch self {
        case .log, .aside: true
        case .oneOf(let actions): actions.allSatisfy(\.isHarmless)
        case .return, .accept, .jump, .goto, .redirect, .translate, .drop, .conntrackZone,
            .yieldToDockerDNS, .unknown:
            false
        }
    }
}
