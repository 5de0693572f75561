import RuleIR
import Rtnetlink

/// Reads a loaded table with the help of one that is like it.
///
/// Where the table's seal holds, its identity tells what of it is other than in the like one; only that
/// is read, or not even that.
struct NearReading {
    private let planned: PlannedTable

    init(_ planned: PlannedTable) {
        self.planned = planned
    }

    /// Both tables without the elements that both have; nil where the loaded one has to be read as a
    /// whole.
    func rules(_ socket: borrowing MnlSocket) throws(KernelFailure) -> RulesBeside? {
        guard
            let loaded = try LoadedTable(
                planned.table.name, try socket.generation(), in: socket),
            loaded.identity.form == .table
        else { return nil }
        let isSame = loaded.identity.digest == planned.digest
        guard isSame || loaded.isSealed else { return nil }
        let installed = try loaded.described(socket)
        guard installed.isIntact, let changes = isSame ? [] : changes(of: loaded) else {
            return nil
        }
        var ours = planned.table
        var theirs = planned.table
        for (index, set) in planned.table.sets.enumerated() {
            var difference = SetSketch.Difference()
            if let change = changes.first(where: { $0.name == set.name }) {
                guard let found = try self.difference(of: set, change, socket) else { return nil }
                difference = found
            }
            guard let added = set.elements(difference.added),
                let removed = set.elements(difference.removed)
            else { return nil }
            ours.sets[index].elements = added
            theirs.sets[index].elements = removed
        }
        return RulesBeside(
            planned: FoundRules(ours),
            loaded: LoadedRules(installed: installed, rules: FoundRules(theirs)))
    }

    /// The sets that differ; nil where more does.
    private func changes(of loaded: LoadedTable) -> [TableChange.SetChange]? {
        guard let record = loaded.identity.record,
            let wanted = planned.record(seal: record.seal),
            case .parts(replacesChains: false, let changes) = TableChange(from: record, to: wanted)
        else { return nil }
        return changes
    }

    private func difference(
        of set: NftSet, _ change: TableChange.SetChange, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> SetSketch.Difference? {
        switch change.kind {
        case .add, .delete: return nil
        case .differ(let difference):
            return SetSketch.Difference(
                added: difference.added.sorted(), removed: difference.removed.sorted())
        case .refill:
            let found = KernelTable.Set(
                name: set.name, keyType: set.keyType, keyLength: set.keyLength, flags: set.flags,
                extras: [])
            return SetSketch.Difference(
                added: planned.form.sets[set.name]?.elements ?? [],
                removed: try socket.form(of: found, in: planned.table.name).elements)
        }
    }
}

extension NftSet {
    /// Elements of the set's types with these keys; nil where one has none.
    fileprivate func elements(_ ranges: [ElementRange]) -> [NftElement]? {
        let elements = ranges.compactMap { NftElement($0, types) }
        return elements.count == ranges.count ? elements : nil
    }
}
