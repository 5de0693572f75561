package import RuleIR

extension Ruleset {
    /// The same rules, those of the stages raw and mangle in regular chains of their stage.
    ///
    /// The compiler makes regular chains for nat alone; others must work all the same.
    package var withChainsInEveryStage: Ruleset {
        var ruleset = self
        for index in baseChains.indices {
            let base = baseChains[index]
            guard base.stage != .nat, !base.last.isEmpty,
                let name = ChainName("\(base.stage.rawValue)_\(base.hook.rawValue)".uppercased())
            else { continue }
            ruleset.chains.append(Chain(name, base.stage, base.last))
            ruleset.baseChains[index].last = [
                Rule(
                    [], then: .jump(name),
                    because: Rationale("to a chain", key: base.stage.rawValue))
            ]
        }
        return ruleset
    }
}
