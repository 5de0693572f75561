import Addressing
import RuleIR

/// Lowers lists of rules to chains: each list to one chain, with its rules in their order.
struct ChainLowering {
    let sets: SetLowering
    let hasComments: Bool
    private(set) var chains: [NftChain] = []
    private var names: Set<String>

    init(_ ruleset: Ruleset, _ sets: SetLowering) {
        self.sets = sets
        hasComments = ruleset.hasComments
        names = Set(ruleset.chains.map { NftTable.name(of: $0.name) })
    }

    /// Lowers both segments of a base chain.
    ///
    /// iptables has one chain for both, so a packet that returns in `first` is done. Here they are
    /// two chains, and the kernel runs the second whatever the first returned. So `last` begins with
    /// the exemptions of `first`. That is exact: a packet that `first` redirected never comes to
    /// `last`, because the kernel decides NAT once for a connection; so one that does come and
    /// meets an exemption met no redirection before it.
    ///
    /// For the same reason exemptions at the end of `first` have no effect in a chain of their own,
    /// and stand in `last` alone.
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
                base: HookAttachment(base.stage, base.hook, isFirst: true), after: guards)
        }
        if !last.isEmpty {
            lower(
                exemptions + last, into: "\(name)_last",
                base: HookAttachment(base.stage, base.hook, isFirst: false), after: guards)
        }
    }

    /// Lowers `rules` into the chain `name`, after `guards`.
    ///
    /// "Owner is not U" also holds for a packet without a socket, and nftables' `skuid != U` needs
    /// one. So `M, owner is not U: A` becomes `M: jump N`, and a chain N for the negation: `skuid U:
    /// return`, then `A` (decision 0050).
    mutating func lower(
        _ rules: [(Rule, RuleLocation)], into name: String, base: HookAttachment?,
        after guards: [NftRule] = []
    ) {
        var lowered = guards
        var negations: [NftChain] = []
        for (rule, location) in rules {
            let lowering = RuleLowering(
                rule, location, sets, hasComments: hasComments, isInBase: base != nil)
            if rule.excludedOwners.isEmpty {
                lowered += lowering.rules
            } else {
                let negation = negationName(of: rule, in: name)
                lowered += lowering.jumps(to: negation)
                negations.append(
                    NftChain(name: negation, base: nil, rules: lowering.negation(in: name)))
            }
        }
        chains.append(NftChain(name: name, base: base, rules: lowered))
        chains += negations
    }

    /// `mesh_outbound_not_uid_5678`; with a `_` at its end for each chain of that name before it.
    private mutating func negationName(of rule: Rule, in chain: String) -> String {
        let users = rule.excludedOwners.map(\.description).joined(separator: "_")
        var name = "\(chain)_not_uid_\(users)"
        while !names.insert(name).inserted { name += "_" }
        return name
    }

    /// An inet table sees both families; the rules may be for one.
    private static func leavingAlone(_ family: AddressFamily) -> NftRule {
        let rationale = Rationale("\(family.displayName) isn't redirected", key: "ipFamilyMode")
        return NftRule(
            statements: [.match(.nfproto, isNegated: false, .family(family)), .counter, .return],
            comment: nil, location: nil, rationale: rationale)
    }
}
