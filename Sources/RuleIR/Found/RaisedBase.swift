import Addressing

/// A chain on a hook, in the IR's words.
struct RaisedBase {
    var stage: Stage
    var hook: Hook
    var priority: Int
    var rules: [Rule]

    /// The families whose packets return at once: an inet table sees both, and the rules are for one.
    var guardedFamilies: [AddressFamily] {
        rules.prefix { Self.guarded(by: $0) != nil }.compactMap(Self.guarded)
    }

    func withoutGuards(of families: [AddressFamily]) -> RaisedBase {
        var base = self
        base.rules.removeFirst(
            rules.prefix { Self.guarded(by: $0).map(families.contains) ?? false }.count)
        return base
    }

    /// Without the rules at its head that let go by the packets of a protocol that it does nothing
    /// with.
    var withoutPassages: RaisedBase {
        let actions = rules.filter { !$0.action.isExemption }
        var base = self
        base.rules.removeFirst(
            rules.prefix { rule in
                guard rule.action == .return, rule.matches.count == 1, let passed = rule.transport
                else { return false }
                return actions.allSatisfy { $0.transport.map { $0 != passed } ?? false }
            }.count)
        return base
    }

    private static func guarded(by rule: Rule) -> AddressFamily? {
        guard rule.action == .return, rule.matches.count == 1,
            case .family(let family) = rule.matches[0]
        else { return nil }
        return family
    }
}

extension HookAttachment {
    /// The stage and hook that a ruleset would have the chain at; nil when it would have none there.
    var place: (stage: Stage, hook: Hook)? {
        guard let hook = Hook(rawValue: hook) else { return nil }
        // Conntrack runs at -200 and destination NAT at -100 (enum nf_ip_hook_priorities).
        if type == "nat" { return (.nat, hook) }
        if priority < -200 { return (.raw, hook) }
        return priority < Stage.nat.priority ? (.mangle, hook) : nil
    }
}

extension Raising {
    /// One base chain for each place.
    ///
    /// A chain that returns doesn't keep the next one on the hook from running, as `first` would keep
    /// `last`. So several become chains that are jumped to in turn, unless the second begins with the
    /// exemptions of the first, as our own does.
    mutating func join(_ bases: [RaisedBase]) -> [BaseChain] {
        var joined: [BaseChain] = []
        for stage in Stage.allCases {
            for hook in Hook.allCases {
                let here = bases.filter { $0.stage == stage && $0.hook == hook }
                    .sorted { $0.priority < $1.priority }
                guard here.contains(where: { !$0.rules.isEmpty }) else { continue }
                joined.append(join(here, stage, hook))
            }
        }
        return joined
    }

    private mutating func join(_ here: [RaisedBase], _ stage: Stage, _ hook: Hook) -> BaseChain {
        if here.count == 1 {
            return here[0].priority < stage.priority
                ? BaseChain(stage, hook, first: here[0].rules)
                : BaseChain(stage, hook, last: here[0].rules)
        }
        if here.count == 2 {
            let first = here[0].withoutPassages.rules
            let exemptions = first.filter { $0.action == .return }
            if here[1].rules.starts(with: exemptions) {
                return BaseChain(
                    stage, hook, first: first,
                    last: Array(here[1].rules.dropFirst(exemptions.count)))
            }
        }
        let jumps = here.map { base in
            let name = addChain(
                "\(stage.rawValue)_\(hook.rawValue)_\(base.priority.magnitude)", base.rules)
            return Rule(
                [], then: .jump(name),
                because: Rationale("the chain at priority \(base.priority)", key: ""))
        }
        return BaseChain(stage, hook, first: [], last: jumps)
    }
}
