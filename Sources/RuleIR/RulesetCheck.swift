import Addressing

extension Ruleset {
    /// Throws the first problem for which no backend can give the ruleset a meaning.
    ///
    /// Every emitter calls it before it lowers a ruleset: libnftables doesn't report which rule is
    /// invalid and, in a dry run, not always that one is.
    package func check() throws(RulesetProblem) {
        guard !families.isEmpty else { throw .noFamilies }
        guard prerequisites == Set(prerequisites).sorted() else { throw .unorderedPrerequisites }
        try checkNames()
        try checkJumps()
        let reachable = chainsReachable()
        let final = finalChains()
        let stages = stagesByChain
        for (location, rule) in locatedRules {
            let hooks: Set<Hook>
            switch location.list {
            case .first(_, let hook), .last(_, let hook): hooks = [hook]
            case .chain(let name):
                hooks = reachable[name] ?? []
                guard
                    rule.excludedOwners.isEmpty || !rule.action.isBypass || final.contains(name)
                else { throw .returnForOtherOwners(at: location) }
            }
            guard let stage = location.stage(stages) else { continue }
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
            guard allowed, (1...64).contains(set.name.text.utf8.count) else {
                throw .invalidSetName(set.name.text)
            }
            if case .ownedFlows(let flows) = set.members,
                !FlowRectangles.areFew(flows.map(\.value))
            {
                throw .tooManyFlows(set.name, limit: FlowRectangles.limit)
            }
        }
    }

    private func checkJumps() throws(RulesetProblem) {
        let targets = targetsByChain
        let stages = stagesByChain
        for (location, rule) in locatedRules {
            guard case .jump(let target) = rule.action else { continue }
            guard let stage = stages[target] else { throw .unknownChain(target, at: location) }
            guard stage == location.stage(stages) else { throw .otherStage(target, at: location) }
        }
        // A chain is done when all its targets are, beginning with chains that jump nowhere. Chains
        // that remain are in a loop or lead to one.
        var missing = targets.mapValues(\.count)
        var callers: [ChainName: [ChainName]] = [:]
        for (name, called) in targets {
            for target in called { callers[target, default: []].append(name) }
        }
        var done = missing.filter { $0.value == 0 }.map(\.key)
        while let next = done.popLast() {
            missing[next] = nil
            for caller in callers[next] ?? [] {
                missing[caller, default: 1] -= 1
                if missing[caller] == 0 { done.append(caller) }
            }
        }
        guard var place = chains.first(where: { missing[$0.name] != nil })?.name else { return }
        var visited: Set<ChainName> = []
        while visited.insert(place).inserted {
            place = targets[place]?.first { missing[$0] != nil } ?? place
        }
        throw .jumpLoop(place)
    }

    /// The jump targets of each chain, each as often as the chain jumps to it.
    private var targetsByChain: [ChainName: [ChainName]] {
        Dictionary(chains.map { ($0.name, $0.targets) }, uniquingKeysWith: { $1 })
    }

    private var stagesByChain: [ChainName: Stage] {
        Dictionary(chains.map { ($0.name, $0.stage) }, uniquingKeysWith: { $1 })
    }

    /// Returns, for each regular chain, the hooks whose packets can reach it.
    private func chainsReachable() -> [ChainName: Set<Hook>] {
        let targets = targetsByChain
        var hooks: [ChainName: Set<Hook>] = [:]
        for base in baseChains {
            var pending = (base.first + base.last).jumpTargets
            while let next = pending.popLast() {
                if hooks[next, default: []].insert(base.hook).inserted {
                    pending += targets[next] ?? []
                }
            }
        }
        return hooks
    }

    /// Returns the regular chains that no rule follows.
    ///
    /// A packet that returns from one is at the end of its base chain.
    private func finalChains() -> Set<ChainName> {
        var final = Set(chains.map(\.name))
        for rules in baseChains.flatMap({ [$0.first, $0.last] }) + chains.map(\.rules) {
            final.subtract(rules.dropLast().jumpTargets)
        }
        var pending = chains.filter { !final.contains($0.name) }
        while let caller = pending.popLast() {
            for target in caller.targets where final.remove(target) != nil {
                pending += chain(named: target).map { [$0] } ?? []
            }
        }
        return final
    }
}

extension RuleLocation {
    /// Returns the stage of the chain; `stages` holds those of the regular chains.
    fileprivate func stage(_ stages: [ChainName: Stage]) -> Stage? {
        switch list {
        case .first(let stage, _), .last(let stage, _): stage
        case .chain(let name): stages[name]
        }
    }
}

extension Chain {
    fileprivate var targets: [ChainName] { rules.jumpTargets }
}

extension Sequence<Rule> {
    fileprivate var jumpTargets: [ChainName] {
        compactMap { rule in
            guard case .jump(let target) = rule.action else { return nil }
            return target
        }
    }
}
