import RuleIR
import Rtnetlink

/// Reads a loaded table with the help of one that is like it.
///
/// Where the table's seal holds, its identity tells what of it is other than in the like one; only that
/// is read, or not even that.
struct NearReading {
    private let table: NftTable
    private let form: TableForm

    init(_ table: NftTable) {
        self.table = table
        form = TableForm(table)
    }

    /// Nil where the table has to be read as a whole.
    func rules(_ socket: borrowing MnlSocket) throws(KernelFailure) -> LoadedRules? {
        guard let loaded = try LoadedTable(table.name, try socket.generation(), in: socket),
            loaded.identity.form == .table
        else { return nil }
        let isSame = loaded.identity.digest == form.digest
        guard isSame || loaded.isSealed else { return nil }
        let installed = try loaded.described(socket)
        guard installed.isIntact else { return nil }
        if isSame { return LoadedRules(installed: installed, rules: FoundRules(table)) }
        guard let record = loaded.identity.record,
            let wanted = LoadRecord(form, seal: record.seal),
            case .parts(replacesChains: false, let changes) = TableChange(from: record, to: wanted)
        else { return nil }
        var former = table
        for change in changes {
            guard let index = former.sets.firstIndex(where: { $0.name == change.name }),
                let elements = try elements(of: former.sets[index], before: change, socket)
            else { return nil }
            former.sets[index].elements = elements
        }
        return LoadedRules(installed: installed, rules: FoundRules(former))
    }

    /// What the set of the kernel holds, which `change` would make ours.
    private func elements(
        of set: NftSet, before change: TableChange.SetChange, _ socket: borrowing MnlSocket
    ) throws(KernelFailure) -> [NftElement]? {
        let ranges: [ElementRange]
        switch change.kind {
        case .add, .delete: return nil
        case .refill:
            let found = KernelTable.Set(
                name: set.name, keyType: set.keyType, keyLength: set.keyLength, flags: set.flags,
                extras: [])
            ranges = try socket.form(of: found, in: table.name).elements
        case .differ(let difference):
            let added = Set(difference.added)
            let kept = form.sets[set.name]?.elements.filter { !added.contains($0) } ?? []
            ranges = (kept + difference.removed).sorted()
        }
        var elements: [NftElement] = []
        elements.reserveCapacity(ranges.count)
        for range in ranges {
            guard let element = NftElement(range, set.types) else { return nil }
            elements.append(element)
        }
        return elements
    }
}
