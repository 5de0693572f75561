import Addressing
import RuleIR

/// A rule of a listing: its chain, and its index there from 0.
package struct ListedPlace: Hashable, Sendable {
    package var table: String
    package var chain: String
    package var index: Int

    package init(table: String, chain: String, index: Int) {
        self.table = table
        self.chain = chain
        self.index = index
    }
}

/// The lists of rules of a plan, read from the chains that a backend loads.
///
/// A chain that a backend adds, for the negation of an owner or of a set, is read as the match
/// that it stands for.
struct ListedLists {
    /// One listed rule, or several that stand for one.
    struct Row {
        var matches: [Match]
        var effect: NormalRule.Effect
        var comment: String?
        var rationale: Rationale
        /// The listed rule that counts the packets that the row takes.
        var place: ListedPlace
    }

    private(set) var families: [AddressFamily] = []
    private(set) var rows: [(list: PlanList, families: [AddressFamily], rows: [Row])] = []

    /// Returns nil for rules that no plan lowers to.
    init?(_ rules: ListedRules) {
        switch PlanForm(rules) {
        case .nftables:
            guard let table = rules.tables.first, readNftables(table) else { return nil }
        case .ebpf:
            guard let table = rules.tables.first, readPrograms(table) else { return nil }
        case .iptables:
            for table in rules.tables { guard readIptables(table) else { return nil } }
            families.sort { $0 == .ipv4 && $1 == .ipv6 }
        case nil: return nil
        }
    }

    // MARK: nftables

    private mutating func readNftables(_ table: ListedTable) -> Bool {
        let negations = table.chains.filter { $0.name.isOwnerNegation && $0.isOwnerNegation }
        var unguarded = Set(AddressFamily.allCases)
        for chain in table.chains where !negations.contains(where: { $0.name == chain.name }) {
            guard let list = PlanList(nftChain: chain) else { return false }
            var entries = chain.entries[...]
            if chain.attachment != nil {
                while let family = entries.first?.guardedFamily {
                    unguarded.remove(family)
                    entries = entries.dropFirst()
                }
            }
            var read: [Row] = []
            for (index, entry) in zip(entries.indices, entries) {
                let place = ListedPlace(table: table.name, chain: chain.name, index: index)
                guard let row = Self.row(entry, negations, place) else { return false }
                read.append(row)
            }
            rows.append((list, AddressFamily.allCases, read))
        }
        families = AddressFamily.allCases.filter(unguarded.contains)
        for index in rows.indices { rows[index].families = families }
        return true
    }

    /// Reads a rule; a jump to the chain of a negation is the rule with "owner is not".
    private static func row(
        _ entry: ListedEntry, _ negations: [ListedChain], _ place: ListedPlace
    ) -> Row? {
        guard case .readable(let rule) = entry else { return nil }
        var place = place
        switch rule.effect {
        case .action(let action):
            return Row(
                matches: rule.matches, effect: .action(action), comment: rule.comment,
                rationale: rule.rationale, place: place)
        case .jump(let name):
            guard let negation = negations.first(where: { $0.name == name }) else {
                return jump(rule, name, prefix: "mesh_", place)
            }
            guard case .readable(let last) = negation.entries.last,
                let effect = effect(of: last, prefix: "mesh_")
            else { return nil }
            let owners = negation.excludedOwners.map { Match.owner(.isNot($0)) }
            place.chain = name
            place.index = negation.entries.count - 1
            return Row(
                matches: rule.matches + owners, effect: effect, comment: last.comment,
                rationale: last.rationale, place: place)
        case .goto, .accept: return nil
        }
    }

    private static func jump(
        _ rule: ListedRule, _ name: String, prefix: String, _ place: ListedPlace
    ) -> Row? {
        guard let effect = jump(name, prefix: prefix) else { return nil }
        return Row(
            matches: rule.matches, effect: effect, comment: rule.comment,
            rationale: rule.rationale, place: place)
    }

    private static func jump(_ name: String, prefix: String) -> NormalRule.Effect? {
        guard name.hasPrefix(prefix) else { return nil }
        return .jump(String(name.dropFirst(prefix.utf8.count)).lowercased())
    }

    /// Returns the effect of a rule in a chain of a negation, where a return is an accept.
    private static func effect(of rule: ListedRule, prefix: String) -> NormalRule.Effect? {
        switch rule.effect {
        case .action(let action): return .action(action)
        case .accept: return .action(.return)
        case .jump(let name): return jump(name, prefix: prefix)
        case .goto: return nil
        }
    }

    // MARK: eBPF

    private mutating func readPrograms(_ table: ListedTable) -> Bool {
        families = table.families
        for chain in table.chains {
            guard let list = PlanList(programChain: chain) else { return false }
            var read: [Row] = []
            for (index, entry) in chain.entries.enumerated() {
                guard case .readable(let rule) = entry,
                    let effect = Self.effect(of: rule, prefix: "")
                else { return false }
                read.append(
                    Row(
                        matches: rule.matches, effect: effect, comment: rule.comment,
                        rationale: rule.rationale,
                        place: ListedPlace(table: table.name, chain: chain.name, index: index)))
            }
            rows.append((list, families, read))
        }
        return true
    }

    // MARK: iptables

    private mutating func readIptables(_ table: ListedTable) -> Bool {
        guard let stage = Stage(rawValue: String(table.name.prefix { $0 != " " })),
            let family = table.families.first
        else { return false }
        if !families.contains(family) { families.append(family) }
        for chain in table.chains {
            switch chain.role {
            case .negatedSet: continue
            case .ordinary: break
            }
            guard let list = PlanList(iptablesChain: chain, stage) else { return false }
            var read: [Row] = []
            for (index, entry) in chain.entries.enumerated() {
                let place = ListedPlace(table: table.name, chain: chain.name, index: index)
                guard case .readable(let rule) = entry,
                    let found = Self.rows(rule, table, place)
                else { return false }
                for row in found {
                    // Docker's chain returns, and the rule behind the jump then ends ours.
                    if let before = read.last, before.effect == .action(.yieldToDockerDNS),
                        row.effect == .action(.return), before.matches == row.matches,
                        before.comment == row.comment
                    {
                        continue
                    }
                    read.append(row)
                }
            }
            rows.append((list, [family], read))
        }
        return true
    }

    /// Reads a rule; a jump to the chain of a negated set is a rule for each rule behind its
    /// members.
    private static func rows(
        _ rule: ListedRule, _ table: ListedTable, _ place: ListedPlace
    ) -> [Row]? {
        guard case .jump(let name) = rule.effect, let chain = table.chain(named: name),
            chain.role == .negatedSet
        else { return plainRow(rule, place).map { [$0] } }
        var members: [Match] = []
        var rows: [Row] = []
        for (index, entry) in chain.entries.enumerated() {
            guard case .readable(let inner) = entry else { return nil }
            if inner.effect == .action(.return) {
                guard let member = Self.member(inner, table) else { return nil }
                members.append(member)
            } else {
                guard let effect = effect(of: inner, prefix: PlanList.iptablesPrefix) else {
                    return nil
                }
                rows.append(
                    Row(
                        matches: rule.matches + members + inner.matches, effect: effect,
                        comment: inner.comment, rationale: inner.rationale,
                        place: ListedPlace(table: table.name, chain: name, index: index)))
            }
        }
        return rows
    }

    /// Returns "not to the member" for the rule of a member of a negated set.
    ///
    /// The rule of a member that is every address has no match.
    private static func member(_ rule: ListedRule, _ table: ListedTable) -> Match? {
        if rule.matches.isEmpty, let family = table.families.first {
            return IPPrefix(IPAddress(family: family, bits: 0), length: 0).map {
                .destination(.notOf($0))
            }
        }
        guard rule.matches.count == 1, case .destination(var test) = rule.matches[0] else {
            return nil
        }
        test.isNegated = true
        return .destination(test)
    }

    private static func plainRow(_ rule: ListedRule, _ place: ListedPlace) -> Row? {
        switch rule.effect {
        case .action(let action):
            return Row(
                matches: rule.matches, effect: .action(action), comment: rule.comment,
                rationale: rule.rationale, place: place)
        case .jump("DOCKER_OUTPUT"):
            return Row(
                matches: rule.matches, effect: .action(.yieldToDockerDNS), comment: rule.comment,
                rationale: rule.rationale, place: place)
        case .jump(let name): return jump(rule, name, prefix: PlanList.iptablesPrefix, place)
        case .goto, .accept: return nil
        }
    }
}

extension String {
    /// Whether a chain of this name may stand for "owner is not" (`ChainLowering`).
    fileprivate var isOwnerNegation: Bool {
        var rest = utf8[...]
        while !rest.isEmpty {
            if rest.starts(with: "_not_uid_".utf8) { return true }
            rest = rest.dropFirst()
        }
        return false
    }
}

extension ListedChain {
    /// The owners that return at the start of the chain of a negation.
    fileprivate var excludedOwners: [UserID] {
        var owners: [UserID] = []
        for case .readable(let rule) in entries.dropLast() {
            guard rule.matches.count == 1, case .owner(.is(let owner)) = rule.matches[0],
                rule.effect == .action(.return)
            else { continue }
            owners.append(owner)
        }
        return owners
    }

    fileprivate var isOwnerNegation: Bool {
        attachment == nil && entries.count > 1 && excludedOwners.count == entries.count - 1
    }
}

extension ListedEntry {
    /// The family of a rule that lets packets of a family without rules pass.
    fileprivate var guardedFamily: AddressFamily? {
        guard case .readable(let rule) = self, rule.comment == nil, rule.matches.count == 1,
            case .family(let family) = rule.matches[0], rule.effect == .action(.return)
        else { return nil }
        return family
    }
}
