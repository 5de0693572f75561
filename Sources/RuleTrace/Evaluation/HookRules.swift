package import Addressing
package import RuleIR

/// What the kernel runs on its hooks, in its order, whoever made it.
///
/// A `Ruleset` is what one program would load. This is what a packet meets: a ruleset of ours, or
/// all that was found on a host.
package struct HookRules: Sendable {
    /// The rules that the kernel runs on one hook, at one priority.
    package struct Base: Hashable, Sendable {
        package var hook: Hook
        /// Packets of other families pass by.
        package var families: [AddressFamily]
        /// NAT is decided on the first packet of a connection and then remembered (nf_nat).
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

    /// In the order in which the kernel runs them.
    package var bases: [Base]
    /// What rules jump to, by the name that their actions have for it.
    package var chains: [String: [TracedRule]]
    package var sets: [NamedSet]
    /// The interface that a packet to this host leaves by.
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
    /// Whether `matches` is all that the rule asks.
    ///
    /// Of a rule that asks more, one can say when it surely isn't met, and never that it is.
    package var isComplete: Bool
    package var action: TracedAction
    package var rationale: Rationale
    /// Where it stands, in words: `chain OUTBOUND, rule 2`.
    package var place: String
    /// Whether it stands in a base chain, where a return is the end of the chain.
    package var isInBase: Bool

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

/// What a rule does with a packet that meets it; more than a ruleset of ours can ask for.
package enum TracedAction: Hashable, Sendable {
    case `return`
    /// Ends the base chain, from wherever it is reached.
    case accept
    case jump(String)
    /// A jump that doesn't come back: what runs out there goes on behind the last jump.
    case goto(String)
    case redirect(Port)
    /// Sends the connection to another address, port or both.
    case translate(to: IPAddress?, Port?)
    case drop
    case log(String)
    /// `ends` where nothing behind it can matter any more.
    case conntrackZone(UInt16, ends: Bool)
    case yieldToDockerDNS
    /// It doesn't touch the packet's way, such as a counter.
    case aside(String)
    /// It may do anything.
    case unknown(String)
}

extension HookRules {
    /// What a ruleset of ours means.
    ///
    /// Both segments of a base chain are one list: what returns in `first` never meets `last`.
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

    /// Whether a packet that meets it goes the way it would have gone.
    var isHarmless: Bool {
        switch self {
        case .log, .aside: true
        case .return, .accept, .jump, .goto, .redirect, .translate, .drop, .conntrackZone,
            .yieldToDockerDNS, .unknown:
            false
        }
    }
}
