import Addressing
import RuleIR

/// Lowers lists of rules to chains; one list may need several.
struct ChainLowering {
    let sets: SetLowering
    let hasComments: Bool
    private(set) var chains: [NftChain] = []

    init(_ sets: SetLowering, hasComments: Bool) {
        self.sets = sets
        self.hasComments = hasComments
    }

    /// Lowers both segments of a base chain.
    ///
    /// iptables has one chain for both, so a packet that returns in `first` is done. Here they are
    /// two chains, and the kernel runs the second whatever the first returned. So `last` begins with
    /// the exemptions of `first`. That is exact: a packet that `first` redirected never comes to
    /// `last`, because the kernel decides NAT once for a connection; so one that does come and
    /// meets an exemption met no redirection before it.
    ///
    /// For the same reason exemptions at the end of `first` would only be evaluated twice, and stand
    /// in `last` alone.
    mutating func lower(_ base: BaseChain, without others: [AddressFamily]) {
        let name = "\(base.stage.rawValue)_\(base.hook.rawValue)"
        let first = base.first.enumerated().map {
            ($0.element, RuleLocation(.first(base.stage, base.hook), $0.offset))
        }
        let last = base.last.enumerated().map {
            ($0.element, RuleLocation(.last(base.stage, base.hook), $0.offset))
        }
        let exemptions = first.filter { rule, _ in rule.action.isExemption }
        let guards = others.map(Self.leavingAlone)
        if !base.early.isEmpty {
            lower(
                Array(first[base.early.indices]), into: "\(name)_first",
                base: NftChain.Base(base.stage, base.hook, isFirst: true),
                after: guards + passages(by: base.early))
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
    /// would have returned to. Where M is lowered to several rules, there is a pair for each of them.
    ///
    /// If M and the matches of all rules before need one interface, packets of others go on in REST at
    /// once, and those rules move to a chain of their own.
    mutating func lower(
        _ rules: [(Rule, RuleLocation)], into name: String, base: NftChain.Base?,
        after before: [NftRule] = []
    ) {
        var lowered = before
        for (index, (rule, location)) in rules.enumerated() {
            let lowering = RuleLowering(rule, location, sets, hasComments: hasComments)
            guard let user = lowering.excludedOwner else {
                lowered += lowering.lowered()
                continue
            }
            let rest = name + NftTable.continuationMark + "\(index + 1)"
            lower(Array(rules[(index + 1)...]), into: rest, base: nil)
            lowered += lowering.lowered(pastFor: user, to: rest) + [lowering.passage(to: rest)]
            let own = name + NftTable.continuationMark + "0"
            if let entrance = entrance(to: own, for: rules[...index]) {
                chains.append(
                    NftChain(name: own, base: nil, rules: Array(lowered[before.count...])))
                lowered = before + [entrance, lowering.passage(to: rest)]
            }
            break
        }
        chains.append(NftChain(name: name, base: base, rules: lowered))
    }

    /// Leads packets of the output interface that all these rules need to them.
    private func entrance(
        to own: String, for rules: ArraySlice<(Rule, RuleLocation)>
    ) -> NftRule? {
        guard rules.count > 2, let first = rules.first?.0, let interface = first.outputInterface,
            rules.allSatisfy({ $0.0.outputInterface == interface })
        else { return nil }
        return leading(
            .match(.outputInterface, isNegated: false, .interface(interface)), .goto(own),
            because: Rationale("out \(interface)", key: first.rationale.key))
    }

    /// Lets go by what could meet no more than an exemption in `first`: if that redirects one
    /// protocol alone, the other's packets needn't be looked for in large sets twice.
    private func passages(by first: ArraySlice<Rule>) -> [NftRule] {
        let actions = first.filter { !$0.action.isExemption }
        guard let action = actions.first, let transport = action.transport,
            actions.allSatisfy({ $0.transport == transport }),
            first.contains(where: { $0.transport == nil })
        else { return [] }
        return TransportProtocol.allCases.filter { $0 != transport }.map { other in
            leading(
                .match(.l4proto, isNegated: false, .transport(other)), .return,
                because: Rationale(
                    "\(other.rawValue.uppercased()) isn't redirected here",
                    key: action.rationale.key))
        }
    }

    /// A rule that stands for none of the IR: it shortens a packet's way.
    private func leading(
        _ match: NftStatement, _ verdict: NftStatement, because rationale: Rationale
    ) -> NftRule {
        NftRule(
            statements: [match, .counter, verdict],
            comment: hasComments ? RuleLowering.comment(rationale) : nil, location: nil,
            rationale: rationale)
    }

    /// An inet table sees both families; the rules may be for one.
    private static func leavingAlone(_ family: AddressFamily) -> NftRule {
        let rationale = Rationale("\(family.displayName) isn't captured", key: "ipFamilyMode")
        return NftRule(
            statements: [.match(.nfproto, isNegated: false, .family(family)), .counter, .return],
            comment: nil, location: nil, rationale: rationale)
    }
}
