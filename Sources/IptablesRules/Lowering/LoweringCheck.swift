package import RuleIR

extension Ruleset {
    /// Throws what iptables has no form for.
    package func checkForIptables() throws(RulesetProblem) {
        guard instance == .mesh else { throw .unsupportedInstance(instance, by: "iptables") }
        for chain in chains {
            let name = IptablesChain.name(of: chain.name)
            let isTaken =
                name == IptablesChain.ledger || name == IptablesChain.probe
                || name.hasPrefix(IptablesChain.negationPrefix)
            guard !isTaken else { throw .reservedChain(name, by: "iptables") }
        }
        for (location, rule) in locatedRules {
            for match in rule.matches {
                guard case .source(let test) = match, test.isNegated, case .set = test.addresses
                else { continue }
                throw .inexpressible(by: "iptables", at: location)
            }
        }
    }
}
