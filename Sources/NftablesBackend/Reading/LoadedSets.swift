import Addressing
import CMnl
import JSON
import RuleIR

/// The sets of a loaded table.
struct LoadedSets {
    private let sets: [String: KernelTable.Set]
    private let canonicalSets: [String: CanonicalSet]

    init(_ sets: [KernelTable.Set], _ canonicalSets: [String: CanonicalSet]) {
        self.sets = Dictionary(sets.map { ($0.name, $0) }) { first, _ in first }
        self.canonicalSets = canonicalSets
    }

    func keyLength(of set: String) -> Int? { sets[set].map { Int($0.keyLength) } }

    func isMap(_ set: String) -> Bool { sets[set]?.isMap ?? false }

    /// Returns the right side of a match: a set's name, or the elements of an anonymous set.
    func value(of name: String, _ operands: [LoadedOperand]) -> JSONValue {
        guard let set = sets[name], set.isAnonymous, let canonical = canonicalSets[name],
            !canonical.isApart,
            set.keyLength <= 16
        else { return .string("@\(name)") }
        let length = Int(set.keyLength)
        return [
            "set": .array(
                canonical.elements.map { element in
                    let first = StatementReader.split(element.first.bytes(length), operands)
                    let last = StatementReader.split(element.last.bytes(length), operands)
                    return StatementReader.joined(
                        zip(first, last).map { $0.0.element($0.1, $1.1) })
                })
        ]
    }

    /// Returns a named set in the terms of the IR, or with the names of its types only.
    func found(_ set: KernelTable.Set) -> ListedSet {
        let numbers = set.typeNumbers
        let types = numbers.compactMap { NftType(number: $0) }
        let names = numbers.map { NftType(number: $0)?.rawValue ?? "type \($0)" }
            .joined(separator: " . ")
        guard !set.isMap, types.count == numbers.count, let canonical = canonicalSets[set.name],
            !canonical.isApart
        else { return .native(name: set.name, type: set.isMap ? "\(names) : map" : names) }
        var read = NftSet(
            types: types, name: set.name,
            isInterval: set.flags & NFT_SET_INTERVAL.rawValue != 0, elements: [])
        read.elements = canonical.elements.compactMap { NftElement($0, of: read) }
        guard read.elements.count == canonical.elements.count, let named = NamedSet(read) else {
            return .native(name: set.name, type: names)
        }
        return .readable(named)
    }
}

extension KernelTable.Set {
    /// Whether the set is anonymous, so that it belongs to one rule.
    var isAnonymous: Bool { flags & NFT_SET_ANONYMOUS.rawValue != 0 }

    var isMap: Bool { flags & (NFT_SET_MAP.rawValue | NFT_SET_OBJECT.rawValue) != 0 }

    /// libnftables' numbers of the types, six bits each.
    fileprivate var typeNumbers: [UInt32] {
        let numbers = stride(from: UInt32(24), through: 0, by: -6).map { keyType >> $0 & 0x3F }
        return Array(numbers.drop { $0 == 0 })
    }
}

extension NftType {
    fileprivate init?(number: UInt32) {
        let all: [Self] = [.mark, .owner, .port, .ipv4Address, .ipv6Address]
        guard let type = all.first(where: { $0.number == number }) else { return nil }
        self = type
    }
}

extension UInt128 {
    /// Returns the lowest `count` bytes, in network byte order.
    fileprivate func bytes(_ count: Int) -> [UInt8] {
        stride(from: count - 1, through: 0, by: -1).map {
            UInt8(truncatingIfNeeded: self >> UInt128($0 * 8))
        }
    }
}
