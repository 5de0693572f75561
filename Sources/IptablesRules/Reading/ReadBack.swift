package import Addressing
package import RuleIR

/// Converts iptables rules to listed rules, table by table.
package struct ReadBack {
    /// The rules of one chain, with the foreign rules beside them.
    private struct Contents {
        var name: String
        var rules: [SavedRule]
        var attachment: HookAttachment?
        var insertedCount: Int?
        var foreign: [SavedRule] = []
    }

    private let family: AddressFamily

    private init(_ family: AddressFamily) {
        self.family = family
    }

    /// Returns our rules alone, from the state of a family.
    ///
    /// Built-in chains are always included, even without rules of ours.
    package static func tables(_ state: FamilyState, _ family: AddressFamily) -> [ListedTable] {
        let reading = ReadBack(family)
        return state.parts.map { part in
            let built = IptablesChain.ofHooks.map { name in
                Contents(
                    name: name,
                    rules: part.hooked.filter { IptablesChain.hookName(of: $0.chain) == name },
                    attachment: HookAttachment(builtIn: name, part.table.rawValue),
                    foreign: part.foreign.filter { IptablesChain.hookName(of: $0.chain) == name })
            }
            return reading.table(
                part.table.rawValue, built + reading.own(part.chains, part.own))
        }
    }

    /// Returns the rules to be loaded.
    package static func tables(_ contents: [TableContent], _ family: AddressFamily) -> [ListedTable]
    {
        let reading = ReadBack(family)
        return contents.map { content in
            let built = IptablesChain.ofHooks.map { name in
                let placed = content.hooked.filter { $0.chain == name }
                return Contents(
                    name: name, rules: placed.map(\.saved),
                    attachment: HookAttachment(builtIn: name, content.table.rawValue),
                    insertedCount: placed.count(where: \.isInserted))
            }
            return reading.table(
                content.table.rawValue,
                built + reading.own(content.chains, content.own.map(\.saved)))
        }
    }

    /// Returns everything that iptables-save(8) printed, including foreign rules.
    package static func tables(_ saved: SavedText, _ family: AddressFamily) -> [ListedTable] {
        let reading = ReadBack(family)
        return saved.tables.map { table in
            let rules = table.rulesByChain
            return reading.table(
                table.table,
                table.chains.filter { $0 != IptablesChain.ownership }.map { name in
                    Contents(
                        name: name, rules: rules[name] ?? [],
                        attachment: HookAttachment(
                            builtIn: name, table.table, policy: table.policies[name]))
                })
        }
    }

    /// Returns our chains except the ownership chain.
    private func own(_ chains: [String], _ rules: [SavedRule]) -> [Contents] {
        let byChain = Dictionary(grouping: rules, by: \.chain)
        return chains.filter { $0 != IptablesChain.ownership }.map { name in
            Contents(name: name, rules: byChain[name] ?? [])
        }
    }

    private func table(_ name: String, _ contents: [Contents]) -> ListedTable {
        var sets: [NamedSet] = []
        var known: Set<NamedSet> = []
        let chains = contents.map { content in
            let entries = content.rules.map { saved in
                let reading = SavedRuleReader(saved)
                for set in reading.unnamedSets where known.insert(set).inserted {
                    sets.append(set)
                }
                return reading.entry
            }
            let number = content.name.hasPrefix(IptablesChain.negationPrefix)
            return ListedChain(
                name: content.name, role: number ? .negatedSet : .ordinary,
                attachment: content.attachment, entries: entries,
                insertedCount: content.insertedCount,
                foreign: content.foreign.map { foreign in
                    ForeignRule(
                        text: foreign.line, mentionsUs: foreign.mentionsUs,
                        entriesBefore: content.rules.count { $0.number < foreign.number })
                })
        }
        return ListedTable(
            name: "\(name) of \(family.displayName)", families: [family],
            sets: sets.map { .readable($0) },
            chains: chains)
    }
}

extension SavedRule {
    /// The rule as iptables-save(8) prints it.
    package var line: String { RestoreText.line(["-A", chain] + words) }

    /// Whether the rule has our comment or jumps to one of our chains.
    fileprivate var mentionsUs: Bool {
        rule.comment?.hasPrefix(IptablesComment.prefix) ?? false
            || rule.target.dropFirst().first?.hasPrefix(IptablesChain.prefix) ?? false
    }
}

extension PlacedRule {
    /// The rule as a tool would list it.
    fileprivate var saved: SavedRule {
        SavedRule(
            chain: chain, number: 0, packets: 0, bytes: 0, words: rule.normalized.arguments,
            rule: rule.normalized)
    }
}
