import Netlink
import RuleIR

/// Compares a loaded table with a similar planned one.
///
/// If the chains of both are equal, only elements can differ. Then rules need no translation, and
/// elements that both have are left out.
struct IncrementalReader {
    private let planned: PlannedTable
    private let tables: LoadedTables

    init(_ planned: PlannedTable, _ tables: LoadedTables) {
        self.planned = planned
        self.tables = tables
    }

    /// Returns both tables with only their differing elements; nil if a full reading is needed.
    func rules(_ socket: borrowing MnlSocket) throws(KernelFailure) -> PlannedAndLoaded? {
        guard
            let loaded = try tables.current(planned.table.name, in: socket),
            planned.canonical.hasSameChains(as: loaded.canonical)
        else { return nil }
        let installed = loaded.described()
        let left = loaded.sets.filter { !loaded.identity.loading.contains($0.key) }
        guard Set(left.keys) == Set(planned.canonical.sets.keys) else { return nil }
        var ours = planned.table
        var theirs = planned.table
        for (index, set) in planned.table.sets.enumerated() {
            guard let wanted = planned.canonical.sets[set.name], let found = left[set.name],
                found.isOfKind(wanted)
            else { return nil }
            let difference = ElementDifference(from: found.elements, to: wanted.elements)
            guard let added = set.elements(difference.added),
                let removed = set.elements(difference.removed)
            else { return nil }
            ours.sets[index].elements = added
            theirs.sets[index].elements = removed
        }
        return PlannedAndLoaded(
            planned: ListedRules(ours),
            loaded: LoadedRules(installed: installed, rules: ListedRules(theirs)),
            isShortened: true)
    }
}

extension NftSet {
    /// Returns the elements with these keys; nil if a key isn't a value of the set's types.
    fileprivate func elements(_ ranges: [ElementRange]) -> [NftElement]? {
        let elements = ranges.compactMap { NftElement($0, of: self) }
        return elements.count == ranges.count ? elements : nil
    }
}
