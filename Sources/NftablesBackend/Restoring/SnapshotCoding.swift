import CMnl
import RuleIR

// The bytes of a snapshot: a list of objects, each with a kind and its attributes. The kernel that
// reported them reads them again, so they keep its byte order.
extension TableSnapshot {
    private enum Kind: UInt32 {
        case table
        case object
        case set
        case element
        case chain
        case rule
    }

    var bytes: [UInt8] {
        var words: [UInt32] = []
        func add(_ kind: Kind, _ attributes: [UInt32]) {
            words += [kind.rawValue, UInt32(attributes.count)]
            words += attributes
        }
        add(.table, table)
        for object in objects { add(.object, object) }
        for set in sets {
            add(.set, set.attributes)
            for element in set.elements { add(.element, element) }
        }
        for chain in chains { add(.chain, chain.attributes) }
        for rule in rules { add(.rule, rule) }
        return words.flatMap { word in
            stride(from: UInt32(0), to: 32, by: 8).map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }

    /// Reads `bytes`; nil if they aren't a snapshot.
    init?(bytes: [UInt8]) {
        guard bytes.count % 4 == 0 else { return nil }
        let words = stride(from: 0, to: bytes.count, by: 4).map { start in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
        }
        name = ""
        flags = 0
        table = []
        var place = 0
        while place < words.count {
            guard place + 2 <= words.count, let kind = Kind(rawValue: words[place]) else {
                return nil
            }
            let end = place + 2 + Int(words[place + 1])
            guard end <= words.count else { return nil }
            let attributes = Array(words[(place + 2)..<end])
            let list = AttributeList(attributes[...])
            switch kind {
            case .table:
                table = attributes
                name = list[NFTA_TABLE_NAME]?.text ?? ""
                flags = list[NFTA_TABLE_FLAGS]?.number ?? 0
            case .object: objects.append(attributes)
            case .set:
                sets.append(
                    ElementSet(
                        name: list[NFTA_SET_NAME]?.text ?? "",
                        flags: list[NFTA_SET_FLAGS]?.number ?? 0, attributes: attributes,
                        elements: []))
            case .element:
                guard !sets.isEmpty else { return nil }
                sets[sets.count - 1].elements.append(attributes)
            case .chain:
                chains.append(
                    Chain(name: list[NFTA_CHAIN_NAME]?.text ?? "", attributes: attributes))
            case .rule: rules.append(attributes)
            }
            place = end
        }
        guard !name.isEmpty else { return nil }
    }
}
