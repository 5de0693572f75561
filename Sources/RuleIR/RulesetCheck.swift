import Addressing

extension Ruleset {
    /// The first thing that no backend could give a meaning to, if any.
    ///
    /// Every emitter asks before it lowers: libnftables says neither which rule is wrong nor,
    /// in a dry run, always that one is.
    package func check() throws(RulesetProblem) {
        guard !families.isEmpty else { throw .noFamilies }
        try checkNames()
        try checkJumps()
        let reachable = chainsReachable()
        for (location, rule) in locatedRules {
            let hooks: Set<Hook>
            let stage: Stage
            switch location.list {
            case .first(let atStage, let hook), .last(let atStage, let hook):
                hooks = [hook]
                stage = atStage
            case .chain(let name):
                hooks = reachable[name] ?? []
                stage = .nat
            }
            try rule.check(at: location, hooks: hooks, stage: stage, in: self)
        }
    }

    private func checkNames() throws(RulesetProblem) {
        var names: Set<String> = []
        for chain in chains where !names.insert(chain.name.text.lowercased()).inserted {
            throw .duplicateChain(chain.name.text)
        }
        var places: Set<String> = []
        for base in baseChains {
            let place = "\(base.stage.rawValue) \(base.hook.rawValue)"
            guard places.insert(place).inserted else { throw .duplicateChain(place) }
        }
        var setNames: Set<SetName> = []
        for set in sets {
            guard setNames.insert(set.name).inserted else { throw .duplicateSet(set.name) }
            let allowed = set.name.text.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "_")
            }
            guard allowed, (1...32).contains(set.name.text.utf8.count) else {
                throw .invalidSetName(set.name.text)
            }
        }
    }

    private func checkJumps() throws(RulesetProblem) {
        for (location, rule) in locatedRules {
            if case .jump(let target) = rule.action, chain(named: target) == nil {
                throw .unknownChain(target, at: location)
            }
        }
        for chain in chains {
            var reached: Set<ChainName> = []
            var pending = chain.targets
            while let next = pending.popLast() {
                guard next != chain.name else { throw .jumpLoop(chain.name) }
                if reached.insert(next).inserted {
                    pending += self.chain(named: next)?.targets ?? []
                }
            }
        }
    }

    /// For each regular chain, the hooks whose packets can get there.
    private func chainsReachable() -> [ChainName: Set<Hook>] {
        var hooks: [ChainName: Set<Hook>] = [:]
        for base in baseChains {
            var pending = (base.first + base.last).jumpTargets
            while let next = pending.popLast() {
                if hooks[next, default: []].insert(base.hook).inserted {
                    pending += chain(named: next)?.targets ?? []
                }
            }
        }
        return hooks
    }
}

extension Chain {
    fileprivate var targets: [ChainName] { rules.jumpTargets }
}

extension [Rule] {
    var jumpTargets: [ChainName] {
        compactMap { rule in
            guard case .jump(let target) = rule.action else { return nil }
            return target
        }
    }
}
