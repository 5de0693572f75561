package import RuleIR

extension Ruleset {
    /// Throws if the ruleset contains something that iptables can't express.
    package func checkForIptables() throws(RulesetProblem) {
        guard instance == .mesh else { throw .unsupportedInstance(instance, by: "iptables") }
        for chain in chains {
            let name = IptablesChain.name(of: chain.name)
            let isTaken =
                name == IptablesChain.ownership || name == IptablesChain.probe
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
        var count = 0
        for (_, rule) in locatedRules {
            let (sum, isTooLarge) = count.addingReportingOverflow(expansion(of: rule))
            guard !isTooLarge, sum <= Self.maximumRules else {
                throw .tooManyRules(by: "iptables", limit: Self.maximumRules)
            }
            count = sum
        }
    }

    /// The maximum number of rules, more than iptables-restore(8) loads in a minute.
    private static var maximumRules: Int { 250_000 }

    /// Returns the maximum number of iptables rules for a rule: one for each combination of
    /// elements.
    private func expansion(of rule: Rule) -> Int {
        var count = 1
        for match in rule.matches {
            let (product, isTooLarge) = count.multipliedReportingOverflow(by: choices(of: match))
            guard !isTooLarge else { return .max }
            count = product
        }
        return count
    }

    private func choices(of match: Match) -> Int {
        switch match {
        case .source(let test), .destination(let test):
            guard case .set(let name, _) = test.addresses else { return 1 }
            return set(named: name)?.count ?? 0
        case .sourcePort(let test), .destinationPort(let test):
            guard case .set(let name) = test else { return 1 }
            return set(named: name)?.count ?? 0
        case .ownedFlow(let name):
            guard case .ownedFlows(let flows) = set(named: name)?.members else { return 0 }
            return flows.reduce(0) { count, flow in
                let slots = RuleExpansion.slots(flow.value.ports).count
                return count + slots * flow.value.owners.count * flow.value.protocols.count
            }
        case .family, .transport, .inputInterface, .outputInterface, .owner, .connectionState:
            return 1
        }
    }
}
