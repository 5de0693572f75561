import Netlink
import RuleIR

/// Reads a loaded table with the help of one that is like it.
///
/// Where the chains of both are the same, so that only elements can differ, no rule has to be put into
/// words, and elements that both have are left out of both.
struct IncrementalReader {
    private let planned: PlannedTable

    init(_ planned: PlannedTable) {
        self.planned = planned
    }

    /// Nil where the loaded table has to be read as a whole.
    func rules(_ socket: borrowing MnlSocket) throws(KernelFailure) -> RulesBeside? {
        guard
            let loaded = try LoadedTable(
                planned.table.name, try socket.generation(), in: socket),
            planned.form.hasSameChains(as: loaded.form)
        else { return nil }
        let installed = loaded.described()
        let left = loaded.sets.filter { !loaded.identity.loading.contains($0.key) }
        guard Set(left.keys) == Set(planned.form.sets.keys) else { return nil }
        var ours = planned.table
        var theirs = planned.table
        for (index, set) in planned.table.sets.enumerated() {
            guard let wanted = planned.form.sets[set.name], let found = left[set.name],
                found.isOfKind(wanted)
            else { return nil }
            let difference = ElementDifference(from: found.elements, to: wanted.elements)
            guard let added = set.elements(difference.added),
                let removed = set.elements(difference.removed)
            else { return nil }
            ours.sets[index].elements = added
            theirs.sets[index].elements = removed
        }
        return RulesBeside(
            planned: ListedRules(ours),
            loaded: LoadedRules(installed: installed, rules: ListedRules(theirs)))
    }
}

extension NftSet {
    /// Elements of the set's types with these keys; nil where one has none.
    fileprivate func elements(_ ranges: [ElementRange]) -> [NftElement]? {
        let elements = ranges.compactMap { NftElement($0, of: self) }
        return elements.count == ranges.count ? elements : nil
    }
}
