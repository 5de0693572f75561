import CMnl
import RuleIR

/// The changes that turn the loaded table, or none, into the planned one.
///
/// Every packet meets the old rules or the new. So an interval set is complete before rules look it
/// up: a new one is loaded in an earlier transaction than the rules, and one that stays receives
/// only the elements that differ.
struct TableChange {
    struct SetChange: Hashable {
        enum Kind: Hashable {
            /// No set of this name is loaded.
            case add
            /// A set of this name and of another kind is loaded; neither has intervals.
            case replace
            case differ(ElementDifference)
            case delete
        }

        var name: String
        var kind: Kind
    }

    /// Whether no table is loaded yet.
    let isNew: Bool
    /// New interval sets, for the earlier transaction.
    let prepared: [String]
    /// The changes of sets in the transaction with the rules.
    let sets: [SetChange]
    /// Whether that transaction replaces all rules; otherwise they keep their counters.
    let replacesRules: Bool
    /// Loaded chains that aren't planned or that differ from the planned ones.
    let removedChains: [String]
    /// Chains that stay when their rules are replaced.
    let keptChains: Set<String>
    /// Whether the table is dormant, so that its rules see no packet.
    ///
    /// The kernel doesn't wake a table in the transaction that changes its chains.
    let wakes: Bool

    /// Compares both tables.
    ///
    /// With `inOneTransaction`, new interval sets come with the rules, which may look them up too
    /// early.
    init(from loaded: LoadedTable?, to planned: PlannedTable, inOneTransaction: Bool = false) {
        isNew = loaded == nil
        var prepared: [String] = []
        var changes: [SetChange] = []
        for name in planned.table.sets.map(\.name) {
            guard let wanted = planned.canonical.sets[name] else { continue }
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
        // An anonymous set goes with its rule, which another program has added.
        for name in names
        where planned.canonical.sets[name] == nil && loaded?.sets[name]?.isAnonymous != true {
            changes.append(SetChange(name: name, kind: .delete))
        }
        self.prepared = prepared.sorted()
        sets = changes
        // Rules refer to the set object and not to its name.
        replacesRules =
            loaded.map { !planned.canonical.hasSameChains(as: $0.canonical) } ?? true
            || changes.contains { $0.kind == .replace }
        let bases = planned.table.chains.map { ($0.name, $0.base) }
        let wanted = Dictionary(bases) { first, _ in first }
        let chains = loaded?.table.chains ?? []
        keptChains = Set(chains.filter { wanted[$0.name] == .some($0.base) }.map(\.name))
        let kept = keptChains
        removedChains = chains.map(\.name).filter { !kept.contains($0) }
        wakes = loaded?.isDormant ?? false
    }

    /// Returns the planned interval sets whose names loaded sets of another kind have.
    ///
    /// They can't be loaded beside those sets, nor replace them before the rules are replaced.
    static func conflicts(_ loaded: LoadedTable?, _ planned: PlannedTable) -> [String] {
        planned.canonical.sets.compactMap { name, wanted in
            guard wanted.isInterval, let old = loaded?.sets[name], !old.isOfKind(wanted) else {
                return nil
            }
            return name
        }.sorted()
    }
}

/// The elements to add and to delete to turn one list into another.
struct ElementDifference: Hashable, Sendable {
    private(set) var added: [ElementRange] = []
    private(set) var removed: [ElementRange] = []

    var isEmpty: Bool { added.isEmpty && removed.isEmpty }

    /// Compares two sorted lists.
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

    var isAnonymous: Bool { flags & NFT_SET_ANONYMOUS.rawValue != 0 }

    /// Whether adding and deleting elements turns one set into the other.
    func isOfKind(_ other: Self) -> Bool {
        keyType == other.keyType && flags == other.flags && keyLength == other.keyLength
            && extras == other.extras
    }
}
