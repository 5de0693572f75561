import Addressing
import RuleIR

extension NftTable {
    /// The table that a ruleset becomes, without its identity.
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
        // A jump needs its target to be there: chains without hooks first.
        chains =
            lowering.chains.filter { $0.base == nil } + lowering.chains.filter { $0.base != nil }
    }

    static func name(of chain: ChainName) -> String { "mesh_\(chain.text.lowercased())" }
}

extension HookAttachment {
    /// `first` runs just before the tables of iptables on the hook and `last` just behind: at equal
    /// priority the order would be that of registration.
    init(_ stage: Stage, _ hook: Hook, isFirst: Bool) {
        self.init(
            type: stage == .nat ? "nat" : "filter", hook: LoadedChain.Hook(hook),
            priority: stage.priority + (isFirst ? -1 : 1))
    }
}
