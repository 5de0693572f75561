/// A subset of the atoms of a dimension, by number.
struct AtomSet: Hashable, Sendable {
    private var words: [UInt64]

    /// Creates the empty subset of `count` atoms.
    init(count: Int) {
        words = [UInt64](repeating: 0, count: (count + 63) / 64)
    }

    /// Returns the set of all `count` atoms.
    static func all(_ count: Int) -> AtomSet {
        var set = AtomSet(count: count)
        for atom in 0..<count {
            set.insert(atom)
        }
        return set
    }

    var isEmpty: Bool { words.allSatisfy { $0 == 0 } }

    var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    func contains(_ atom: Int) -> Bool { words[atom / 64] & (1 << UInt64(atom % 64)) != 0 }

    mutating func insert(_ atom: Int) {
        words[atom / 64] |= 1 << UInt64(atom % 64)
    }

    func inserting(_ atom: Int) -> AtomSet {
        var set = self
        set.insert(atom)
        return set
    }

    mutating func toggle(_ atom: Int) {
        words[atom / 64] ^= 1 << UInt64(atom % 64)
    }

    func intersection(_ other: AtomSet) -> AtomSet { combined(other) { $0 & $1 } }
    func subtracting(_ other: AtomSet) -> AtomSet { combined(other) { $0 & ~$1 } }
    func union(_ other: AtomSet) -> AtomSet { combined(other) { $0 | $1 } }

    private func combined(
        _ other: AtomSet, _ operation: (UInt64, UInt64) -> UInt64
    ) -> AtomSet {
        var result = self
        for index in words.indices {
            result.words[index] = operation(words[index], other.words[index])
        }
        return result
    }
}
