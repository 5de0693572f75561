import Addressing
import RuleIR

extension NftTable {
    /// Lowers a ruleset to its table, without the identity.
    init(_ ruleset: Ruleset) {
        name = "tproxy_\(ruleset.instance)"
        let lowered = SetLowering(ruleset.sets)
        sets = lowered.sets
        var lowering = ChainLowering(ruleset, lowered)
        let others = AddressFamily.allCases.filter { !ruleset.families.contains($0) }
        for base in ruleset.baseChains {
            lowering.lower(base, without: others)
        }
        for chain in ruleset.chains {
            lowering.lower(
                chain.rules.enumerated().map {
                    ($0.element, RuleLocation(.chain(chain.name), $0.offset))
                }, into: Self.name(of: chain.name), base: nil)
        }
        // The target of a jump must exist, so regular chains come first.
        chains =
            lowering.chains.filter { $0.base == nil } + lowering.chains.filter { $0.base != nil }
    }

    static func name(of chain: ChainName) -> String { "mesh_\(chain.text.lowercased())" }
}

extension HookAttachment {
    /// Attaches `first` just before the iptables tables of the hook and `last` just after them.
    ///
    /// At equal priority the order would be that of registration.
    init(_ stage: Stage, _ hook: Hook, isFirst: Bool) {
        self.init(
            type: stage == .nat ? "nat" : "filter", hook: LoadedChain.Hook(hook),
            priority: stage.priority + (isFirst ? -1 : 1))
    }
}
