package import Addressing
package import RuleIR

/// Listed rules in the form in which the kernel evaluates them, with those that aren't evaluated.
package struct ListedHookRules: Sendable {
    /// A base chain at a hook that isn't evaluated.
    package struct Unseen: Hashable, Sendable {
        package var table: String
        package var chain: String
        package var hook: String
        package var ruleCount: Int
    }

    package private(set) var rules: HookRules
    /// Base chains at other hooks, such as ingress, that may drop or change a packet.
    package private(set) var unseen: [Unseen] = []
    /// Base chains at input, forward and postrouting, which are evaluated only for packets whose
    /// path is known.
    package private(set) var later: [Unseen] = []
    /// Whether two chains have the same hook and priority, so that their order is a guess.
    package private(set) var hasTies = false
    /// The rules of the evaluated hooks that can't be evaluated for every TCP and UDP packet.
    package var inexpressible: [TracedRule] {
        let lists = rules.bases.map(\.rules) + rules.laterBases.map(\.rules) + rules.chains.values
        let found = lists.flatMap(\.self).filter { rule in
            if rule.conditions.contains(where: \.excludesTransports) { return false }
            if case .unknown = rule.action { return true }
            return !rule.isComplete && !rule.action.isHarmless
        }
        // Each element of a map is a rule of its own here, at the same place.
        return Dictionary(found.map { ($0.place, $0) }) { first, _ in first }.values
            .sorted { $0.place < $1.place }
    }

    /// The rules of one file.
    package struct Part: Sendable {
        package var rules: ListedRules
        /// Whether a rule that sets a conntrack zone ends its chain.
        ///
        /// Rules read from nft state this; in iptables, evaluation continues.
        package var zonesEnd: Bool

        package init(_ rules: ListedRules, zonesEnd: Bool) {
            self.rules = rules
            self.zonesEnd = zonesEnd
        }
    }

    package init(_ parts: [Part], loopback: InterfaceName) {
        rules = HookRules(bases: [], chains: [:], sets: [], loopback: loopback)
        var bases: [(priority: Int, base: HookRules.Base)] = []
        var laterBases: [(priority: Int, base: HookRules.LaterBase)] = []
        let tables = parts.flatMap { part in part.rules.tables.map { ($0, part.zonesEnd) } }
        for (table, zonesEnd) in tables {
            let reading = TableReading(table, zonesEnd: zonesEnd)
            rules.sets += reading.sets
            for chain in table.chains {
                guard let attachment = chain.attachment else {
                    rules.chains[reading.key(chain.name)] = reading.rules(of: chain)
                    continue
                }
                guard !table.families.isEmpty else {
                    Self.add(chain, attachment, table, to: &unseen)
                    continue
                }
                let hook: Hook
                switch attachment.hook {
                case .prerouting: hook = .prerouting
                case .output: hook = .output
                case .input, .forward, .postrouting:
                    Self.add(chain, attachment, table, to: &later)
                    laterBases.append(
                        (
                            attachment.priority,
                            HookRules.LaterBase(
                                attachment.hook, families: table.families,
                                isNAT: attachment.type == "nat", rules: reading.rules(of: chain))
                        ))
                    continue
                case .ingress, .other:
                    Self.add(chain, attachment, table, to: &unseen)
                    continue
                }
                bases.append(
                    (
                        attachment.priority,
                        HookRules.Base(
                            hook, families: table.families, isNAT: attachment.type == "nat",
                            rules: reading.rules(of: chain))
                    ))
            }
        }
        // At equal priority, the chain registered last runs first (`nf_hook_entries_grow`). A
        // listing has the order of registration.
        let ordered = bases.enumerated().sorted {
            ($0.element.priority, -$0.offset) < ($1.element.priority, -$1.offset)
        }.map(\.element)
        rules.bases = ordered.map(\.base)
        rules.laterBases = laterBases.enumerated().sorted {
            ($0.element.priority, -$0.offset) < ($1.element.priority, -$1.offset)
        }.map(\.element.base)
        hasTies = ordered.indices.contains { index in
            ordered[..<index].reversed().prefix { $0.priority == ordered[index].priority }
                .contains {
                    $0.base.hook == ordered[index].base.hook
                        && !Set($0.base.families).isDisjoint(with: ordered[index].base.families)
                }
        }
    }

    /// The number of rules at the evaluated hooks.
    ///
    /// Each element of a map is a rule of its own here, at the same place.
    package var ruleCount: Int {
        let lists = rules.bases.map(\.rules) + rules.laterBases.map(\.rules) + rules.chains.values
        return lists.reduce(0) { $0 + Set($1.map(\.place)).count }
    }

    private static func add(
        _ chain: ListedChain, _ attachment: HookAttachment, _ table: ListedTable,
        to list: inout [Unseen]
    ) {
        guard !chain.entries.isEmpty || attachment.policy == "drop" else { return }
        list.append(
            Unseen(
                table: table.name, chain: chain.name, hook: attachment.hook.rawValue,
                ruleCount: chain.entries.count))
    }
}

/// The rules of one table, with names qualified by that of the table.
private struct TableReading {
    private let table: ListedTable
    private let zonesEnd: Bool
    private let readable: Set<String>
    let sets: [NamedSet]

    init(_ table: ListedTable, zonesEnd: Bool) {
        self.table = table
        self.zonesEnd = zonesEnd
        sets = table.sets.compactMap { set in
            guard case .readable(let named) = set else { return nil }
            return NamedSet(Self.name(named.name, in: table), named.members)
        }
        readable = Set(
            table.sets.compactMap { set in
                guard case .readable(let named) = set else { return nil }
                return named.name.text
            })
    }

    func key(_ chain: String) -> String { "\(table.name) \(chain)" }

    func rules(of chain: ListedChain) -> [TracedRule] {
        var rules = chain.entries.enumerated().flatMap { index, entry in
            self.rules(
                of: entry, place: "table \(table.name), chain \(chain.name), rule \(index + 1)",
                chain)
        }
        if let policy = chain.attachment?.policy, policy.lowercased() != "accept" {
            rules.append(
                TracedRule(
                    [], then: .drop, because: Rationale("policy of the chain", key: ""),
                    place: "table \(table.name), chain \(chain.name)", isInBase: true))
        }
        return rules
    }

    /// Returns the rules that one entry is evaluated as: one, or one for each element of a map.
    private func rules(
        of entry: ListedEntry, place: String, _ chain: ListedChain
    ) -> [TracedRule] {
        let isInBase = chain.attachment != nil
        switch entry {
        case .readable(let rule):
            let known = rule.matches.compactMap(renamed)
            return [
                TracedRule(
                    known, isComplete: known.count == rule.matches.count, then: action(rule.effect),
                    because: rule.comment == nil ? Rationale("", key: "") : rule.rationale,
                    place: place, isInBase: isInBase)
            ]
        case .native(let rule):
            let known = rule.matches.compactMap(renamed)
            let conditions = rule.conditions.compactMap(renamed)
            var traced = TracedRule(
                known,
                isComplete: rule.isComplete && known.count == rule.matches.count
                    && conditions.count == rule.conditions.count,
                then: .aside(rule.text), because: Rationale(rule.comment ?? "", key: ""),
                place: place, isInBase: isInBase)
            traced.conditions = conditions
            traced.changes = rule.changes
            traced.text = rule.text
            return rules(traced, rule.effect, rule.text)
        }
    }

    /// Returns `rule` with an effect; with one for each element of a map, as many rules.
    ///
    /// No packet matches two elements.
    private func rules(
        _ rule: TracedRule, _ effect: OpaqueRule.Effect, _ text: String
    ) -> [TracedRule] {
        guard case .byKey(let branches) = effect else {
            var one = rule
            one.action = action(effect, text)
            return [one]
        }
        return branches.flatMap { branch in
            var one = rule
            let matches = branch.key.matches.compactMap(renamed)
            let conditions = branch.key.conditions.compactMap(renamed)
            one.matches += matches
            one.conditions += conditions
            if matches.count < branch.key.matches.count
                || conditions.count < branch.key.conditions.count
            {
                one.isComplete = false
            }
            return rules(one, branch.effect, text)
        }
    }

    private func action(_ effect: OpaqueRule.Effect, _ text: String) -> TracedAction {
        switch effect {
        case .unknown, .byKey: .unknown(text)
        case .aside: .aside(text)
        case .translate(let address, let port): .translate(to: address, port)
        case .known(let effect): action(effect)
        case .oneOf(let effects): .oneOf(effects.map { action($0, text) })
        }
    }

    private func action(_ effect: ListedRule.Effect) -> TracedAction {
        switch effect {
        case .action(.conntrackZone(let zone)): .conntrackZone(zone, ends: zonesEnd)
        // Docker's chain is in this table, unless the listing is of our rules alone.
        case .action(.yieldToDockerDNS):
            table.chain(named: "DOCKER_OUTPUT") == nil
                ? .yieldToDockerDNS : .jump(key("DOCKER_OUTPUT"))
        case .action(let action): TracedAction(action)
        case .jump(let name): .jump(key(name))
        case .goto(let name): .goto(key(name))
        case .accept: .accept
        }
    }

    /// Returns the match with qualified set names; nil for a set that can't be read.
    private func renamed(_ match: Match) -> Match? {
        func qualified(_ name: SetName) -> SetName? {
            readable.contains(name.text) ? Self.name(name, in: table) : nil
        }
        switch match {
        case .source(let test): return renamed(test, qualified).map { .source($0) }
        case .destination(let test): return renamed(test, qualified).map { .destination($0) }
        case .sourcePort(let test): return renamed(test, qualified).map { .sourcePort($0) }
        case .destinationPort(let test):
            return renamed(test, qualified).map { .destinationPort($0) }
        case .ownedFlow(let name): return qualified(name).map { .ownedFlow($0) }
        case .family, .transport, .inputInterface, .outputInterface, .owner, .connectionState:
            return match
        }
    }

    /// Returns the condition with qualified set names; nil for a set that can't be read.
    private func renamed(_ condition: FilterCondition) -> FilterCondition? {
        switch condition.subject {
        case .oneOf(let alternatives):
            let known = alternatives.compactMap { alternative -> FilterCondition.Alternative? in
                let matches = alternative.matches.compactMap(renamed)
                let conditions = alternative.conditions.compactMap(renamed)
                guard matches.count == alternative.matches.count,
                    conditions.count == alternative.conditions.count
                else { return nil }
                return .init(matches: matches, conditions: conditions)
            }
            guard known.count == alternatives.count else { return nil }
            return FilterCondition(.oneOf(known), isNegated: condition.isNegated)
        case .connection, .transport, .inputInterface, .outputInterface, .source, .destination,
            .sourcePort, .destinationPort, .sourceType, .destinationType, .tcpFlags, .direction,
            .mark, .connectionMark, .random, .usual:
            return condition
        }
    }

    private func renamed(_ test: AddressTest, _ qualified: (SetName) -> SetName?) -> AddressTest? {
        guard case .set(let name, let family) = test.addresses else { return test }
        return qualified(name).map {
            AddressTest(addresses: .set($0, family), isNegated: test.isNegated)
        }
    }

    private func renamed(_ test: PortTest, _ qualified: (SetName) -> SetName?) -> PortTest? {
        guard case .set(let name) = test else { return test }
        return qualified(name).map { .set($0) }
    }

    private static func name(_ name: SetName, in table: ListedTable) -> SetName {
        SetName("\(table.name) \(name)")
    }
}

extension FilterCondition {
    /// Whether no TCP or UDP packet meets the condition.
    fileprivate var excludesTransports: Bool {
        guard case .transport(let names) = subject, !isNegated else { return false }
        return TransportProtocol.allCases.allSatisfy { !names.words.contains($0.rawValue) }
    }
}
