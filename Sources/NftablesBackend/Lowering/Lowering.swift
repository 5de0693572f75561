import Addressing
import RuleIR

extension NftTable {
    /// The table that a ruleset becomes, without its identity.
    init(_ ruleset: Ruleset) {
        name = "tproxy_\(ruleset.instance)"
        let lowered = SetLowering(ruleset.sets)
        sets = lowered.sets
        var lowering = ChainLowering(lowered, hasComments: ruleset.hasComments)
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

    private static let chainPrefix = "mesh_"
    /// Stands before the number of a chain that goes on behind a rule.
    static let continuationMark = "_past_"

    /// A user's chain may be called as one that goes on behind a rule would be, `OUT_PAST_3`: such a
    /// name gets another `_` at its end, which no number has.
    static func name(of chain: ChainName) -> String {
        let name = chainPrefix + chain.text.lowercased()
        return isLikeContinuation(name) ? name + "_" : name
    }

    /// The chain of the IR that has this name; nil for another.
    static func chainName(of name: String) -> ChainName? {
        guard name.hasPrefix(chainPrefix) else { return nil }
        let isMarked = name.hasSuffix("_") && isLikeContinuation(name)
        return ChainName(
            (isMarked ? name.dropLast() : name[...]).dropFirst(chainPrefix.count).uppercased())
    }

    /// Whether a name ends in the mark, a number, and no or more `_`.
    private static func isLikeContinuation(_ name: String) -> Bool {
        guard let mark = name.ranges(of: continuationMark).last else { return false }
        let rest = name[mark.upperBound...]
        let number = rest.prefix { $0.isASCII && $0.isNumber }
        return !number.isEmpty && rest.dropFirst(number.count).allSatisfy { $0 == "_" }
    }
}

extension NftChain.Base {
    /// `first` runs just before the tables of iptables on the hook and `last` just behind: at equal
    /// priority the order would be that of registration.
    init(_ stage: Stage, _ hook: Hook, isFirst: Bool) {
        type = stage == .nat ? "nat" : "filter"
        self.hook = hook
        priority = stage.priority + (isFirst ? -1 : 1)
    }
}
