import CMnl
import RuleIR

/// How a loaded table, or none, becomes the planned one.
///
/// Every packet meets the old rules or the new. So a set with intervals is complete before rules ask it:
/// a new one is loaded by a transaction before that of the rules, and one that stays gets the elements
/// that differ.
struct TableChange {
    struct SetChange: Hashable {
        enum Kind: Hashable {
            /// There is none of the name.
            case add
            /// There is one of the name that is of another kind; neither has intervals.
            case replace
            case differ(ElementDifference)
            case delete
        }

        var name: String
        var kind: Kind
    }

    /// Whether there is no table yet.
    let isNew: Bool
    /// New sets with intervals, for the earlier transaction.
    let prepared: [String]
    /// What the transaction with the rules does to sets.
    let sets: [SetChange]
    /// Whether that transaction replaces all rules; where it doesn't, they keep their counts.
    let replacesRules: Bool
    /// Chains that aren't planned, or not so.
    let removedChains: [String]
    /// Chains that stay when their rules are replaced.
    let keptChains: Set<String>
    /// Whether the table is dormant, so that its rules see no packet.
    ///
    /// The kernel wakes no table in the transaction that changes its chains.
    let wakes: Bool

    /// `inOneTransaction`: new sets with intervals come with the rules, which may ask them too early.
    init(from loaded: LoadedTable?, to planned: PlannedTable, inOneTransaction: Bool = false) {
        isNew = loaded == nil
        var prepared: [String] = []
        var changes: [SetChange] = []
        for name in planned.table.sets.map(\.name) {
            guard let wanted = planned.form.sets[name] else { continue }
            guard let old = loaded?.sets[name] else {
                if wanted.isInterval && !inOneTransaction {
                    prepared.append(name)
                } else {
                    changes.append(SetChange(name: name, kind: .add))
                }
                continue
            }
            if !old.isOfKind(wanted) {
                changes.append(SetChange(name: name, kind: .replace))
            } else {
                let difference = ElementDifference(from: old.elements, to: wanted.elements)
                if !difference.isEmpty {
                    changes.append(SetChange(name: name, kind: .differ(difference)))
                }
            }
        }
        let names = loaded?.sets.keys.sorted() ?? []
        for name in names where planned.form.sets[name] == nil {
            changes.append(SetChange(name: name, kind: .delete))
        }
        self.prepared = prepared.sorted()
        sets = changes
        // Rules ask the set itself, not whatever has its name.
        replacesRules =
            loaded.map { !planned.form.hasSameChains(as: $0.form) } ?? true
            || changes.contains { $0.kind == .replace }
        let bases = planned.table.chains.map { ($0.name, $0.base) }
        let wanted = Dictionary(bases) { first, _ in first }
        let chains = loaded?.table.chains ?? []
        keptChains = Set(chains.filter { wanted[$0.name] == .some($0.base) }.map(\.name))
        let kept = keptChains
        removedChains = chains.map(\.name).filter { !kept.contains($0) }
        wakes = loaded?.isDormant ?? false
    }

    /// The planned sets with intervals whose names loaded sets of another kind have.
    ///
    /// They can't be loaded beside those, and not in their place before the rules are replaced.
    static func conflicts(_ loaded: LoadedTable?, _ planned: PlannedTable) -> [String] {
        planned.form.sets.compactMap { name, wanted in
            guard wanted.isInterval, let old = loaded?.sets[name], !old.isOfKind(wanted) else {
                return nil
            }
            return name
        }.sorted()
    }
}

/// What makes of one list of elements another.
struct ElementDifference: Hashable, Sendable {
    private(set) var added: [ElementRange] = []
    private(set) var removed: [ElementRange] = []

    var isEmpty: Bool { added.isEmpty && removed.isEmpty }

    /// Both lists are sorted.
    init(from old: [ElementRange], to new: [ElementRange]) {
        guard old != new else { return }
        var oldPlace = 0
        var newPlace = 0
        while oldPlace < old.count || newPlace < new.count {
            if newPlace == new.count || oldPlace < old.count && old[oldPlace] < new[newPlace] {
                removed.append(old[oldPlace])
                oldPlace += 1
            } else if oldPlace == old.count || new[newPlace] < old[oldPlace] {
                added.append(new[newPlace])
                newPlace += 1
            } else {
                oldPlace += 1
                newPlace += 1
            }
        }
    }
}

extension CanonicalSet {
    var isInterval: Bool { flags & NFT_SET_INTERVAL.rawValue != 0 }

    /// Whether one becomes the other by adding and deleting elements.
    func isOfKind(_ other: Self) -> Bool {
        keyType == other.keyType && flags == other.flags && keyLength == other.keyLength
            && extras == other.extras
    }
}
