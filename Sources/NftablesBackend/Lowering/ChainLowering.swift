import Addressing
import RuleIR

/// Lowers each list of rules to one chain, with the rules in their order.
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
    /// two chains, and the kernel runs the second whatever the first returned. So `last` begins
    /// with the exclusions of `first`. That is exact: a packet that `first` redirected never
    /// reaches `last`, because the kernel decides NAT once for a connection. A packet that does
    /// reach it and matches an exclusion met no redirect before.
    ///
    /// For the same reason exclusions at the end of `first` have no effect in a chain of their own.
    /// They are in `last` only.
    mutating func lower(_ base: BaseChain, without others: [AddressFamily]) {
        let name = "\(base.stage.rawValue)_\(base.hook.rawValue)"
        let first = base.first.enumerated().map {
            ($0.element, RuleLocation(.first(base.stage, base.hook), $0.offset))
        }
        let last = base.last.enumerated().map {
            ($0.element, RuleLocation(.last(base.stage, base.hook), $0.offset))
        }
        let bypasses = first.filter { rule, _ in rule.action.isBypass }
        let guards = others.map(Self.leavingAlone)
        if !base.early.isEmpty {
            lower(
                Array(first[base.early.indices]), into: "\(name)_first",
                base: HookAttachment(base.stage, base.hook, isFirst: true), after: guards)
        }
        if !last.isEmpty {
            lower(
                bypasses + last, into: "\(name)_last",
                base: HookAttachment(base.stage, base.hook, isFirst: false), after: guards)
        }
    }

    /// Lowers `rules` into the chain `name`, after `guards`.
    ///
    /// "Owner is not U" also matches a packet without a socket, and nftables' `skuid != U` does
    /// not. So `M, owner is not U: A` becomes `M: jump N`, with a chain N for the negation: `skuid
    /// U: return`, then `A` (decision 0050).
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

    /// Returns `mesh_outbound_not_uid_5678`, plus a `_` for each earlier chain of that name.
    private mutating func negationName(of rule: Rule, in chain: String) -> String {
        let users = rule.excludedOwners.map(\.description).joined(separator: "_")
        var name = "\(chain)_not_uid_\(users)"
        while !names.insert(name).inserted { name += "_" }
        return name
    }

    /// Returns the guard for a family without rules: an inet table sees both families.
    private static func leavingAlone(_ family: AddressFamily) -> NftRule {
        let rationale = Rationale("\(family.displayName) isn't redirected", key: "ipFamilyMode")
        return NftRule(
            statements: [.match(.nfproto, isNegated: false, .family(family)), .counter, .return],
            comment: nil, location: nil, rationale: rationale)
    }
}
