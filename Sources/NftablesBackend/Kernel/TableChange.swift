/// How a loaded table becomes another one with the least work.
enum TableChange {
    /// The whole table is replaced.
    case whole
    /// Sets stay, and so do the chains unless they are replaced.
    case parts(replacesChains: Bool, [SetChange])

    struct SetChange {
        enum Kind {
            /// There is none of the name.
            case add
            /// All of its elements are others.
            case refill
            case differ(SetSketch.Difference)
            case delete
        }

        var name: String
        var kind: Kind
    }

    /// `record` tells what is loaded for certain: its seal holds, or all of it was read.
    init(from record: LoadRecord, to wanted: LoadRecord) {
        let replacesChains = record.chains != wanted.chains
        var changes: [SetChange] = []
        var kept = 0
        for (name, part) in wanted.sets {
            guard let old = record.sets[name] else {
                changes.append(SetChange(name: name, kind: .add))
                continue
            }
            guard old.isOfKind(part) else {
                self = .whole
                return
            }
            if old.checksum == part.checksum {
                kept += Int(part.checksum.count)
                continue
            }
            if let new = part.sketch, let past = old.sketch, let found = new.difference(from: past)
            {
                kept += Int(part.checksum.count) - found.added.count
                changes.append(SetChange(name: name, kind: .differ(found)))
            } else {
                changes.append(SetChange(name: name, kind: .refill))
            }
        }
        let gone = record.sets.keys.filter { wanted.sets[$0] == nil }
        // Chains ask sets: when sets come or go, the chains differ, too.
        let isOdd = !replacesChains && (!gone.isEmpty || changes.contains { $0.isAddition })
        guard !isOdd, !replacesChains || kept >= LoadRecord.sketchedCount else {
            self = .whole
            return
        }
        changes += gone.map { SetChange(name: $0, kind: .delete) }
        self = .parts(replacesChains: replacesChains, changes.sorted { $0.name < $1.name })
    }
}

extension TableChange.SetChange {
    fileprivate var isAddition: Bool {
        switch kind {
        case .add: true
        case .refill, .differ, .delete: false
        }
    }
}

extension LoadRecord.Part {
    fileprivate func isOfKind(_ other: Self) -> Bool {
        keyType == other.keyType && flags == other.flags && keyLength == other.keyLength
    }
}
