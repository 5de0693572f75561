import Addressing
import RuleIR

/// Lowers lists of rules to chains; one list may need several.
struct ChainLowering {
    let hasComments: Bool
    private(set) var chains: [NftChain] = []

    init(hasComments: Bool) {
        self.hasComments = hasComments
    }

    /// Lowers both segments of a base chain.
    ///
    /// iptables has one chain for both, so a packet that returns in `first` is done. Here they are
    /// two chains, and the kernel runs the second whatever the first returned. So `last` begins with
    /// the exemptions of `first`. That is exact: a packet that `first` redirected never comes to
    /// `last`, because the kernel decides NAT once for a connection; so one that does come and
    /// meets an exemption met no redirection before it.
    mutating func lower(_ base: BaseChain, without others: [AddressFamily]) {
        let name = "\(base.stage.rawValue)_\(base.hook.rawValue)"
        let first = base.first.enumerated().map {
            ($0.element, RuleLocation(.first(base.stage, base.hook), $0.offset))
        }
        let last = base.last.enumerated().map {
            ($0.element, RuleLocation(.last(base.stage, base.hook), $0.offset))
        }
        let exemptions = first.filter { rule, _ in
            switch rule.action {
            case .return, .yieldToDockerDNS: true
            case .jump, .redirect, .drop, .log, .conntrackZone: false
            }
        }
        let guards = others.map(Self.leavingAlone)
        if !first.isEmpty {
            lower(
                first, into: "\(name)_first",
                base: NftChain.Base(base.stage, base.hook, isFirst: true), after: guards)
        }
        if !last.isEmpty {
            lower(
                exemptions + last, into: "\(name)_last",
                base: NftChain.Base(base.stage, base.hook, isFirst: false), after: guards)
        }
    }

    /// Lowers `rules` into the chain `name`, behind `before`.
    ///
    /// "Owner is not U" also holds for a packet without a socket, while nftables' `skuid != U` needs
    /// one. So `M, owner is not U: A` becomes: `M, skuid U: goto REST`, `M: A`, `goto REST`, with
    /// the rules behind it in the chain REST. A goto, because REST then returns to where this chain
    /// would have returned to.
    mutating func lower(
        _ rules: [(Rule, RuleLocation)], into name: String, base: NftChain.Base?,
        after before: [NftRule] = []
    ) {
        var lowered = before
        for (index, (rule, location)) in rules.enumerated() {
            let lowering = RuleLowering(rule, location, hasComments: hasComments)
            guard let user = lowering.excludedOwner else {
                lowered.append(lowering.lowered())
                continue
            }
            let rest = name + NftTable.continuationMark + "\(index + 1)"
            lower(Array(rules[(index + 1)...]), into: rest, base: nil)
            lowered += [
                lowering.lowered(owner: user, verdict: .goto(rest)), lowering.lowered(),
                lowering.passage(to: rest),
            ]
            break
        }
        chains.append(NftChain(name: name, base: base, rules: lowered))
    }

    /// An inet table sees both families; the rules may be for one.
    private static func leavingAlone(_ family: AddressFamily) -> NftRule {
        let rationale = Rationale("\(family.displayName) isn't captured", key: "ipFamilyMode")
        return NftRule(
            statements: [.match(.nfproto, isNegated: false, .family(family)), .counter, .return],
            comment: nil, location: nil, rationale: rationale)
    }
}
