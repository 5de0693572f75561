/// A subset of the atoms of a dimension, by number.
struct AtomSet: Sendable {
    private var words: [UInt64]
    /// The XOR of a hash of each word, so that a set is hashed and compared in constant time.
    private var fingerprint: UInt64 = 0

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

    /// The atoms, in order.
    var atoms: [Int] {
        var atoms: [Int] = []
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                atoms.append(index * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return atoms
    }

    func contains(_ atom: Int) -> Bool { words[atom / 64] & (1 << UInt64(atom % 64)) != 0 }

    mutating func insert(_ atom: Int) {
        change(atom / 64, to: words[atom / 64] | 1 << UInt64(atom % 64))
    }

    func inserting(_ atom: Int) -> AtomSet {
        var set = self
        set.insert(atom)
        return set
    }

    mutating func toggle(_ atom: Int) {
        change(atom / 64, to: words[atom / 64] ^ 1 << UInt64(atom % 64))
    }

    private mutating func change(_ index: Int, to word: UInt64) {
        fingerprint ^= Self.hash(words[index], at: index) ^ Self.hash(word, at: index)
        words[index] = word
    }

    /// Whether an atom is in both sets.
    func meets(_ other: AtomSet) -> Bool {
        for index in words.indices where words[index] & other.words[index] != 0 { return true }
        return false
    }

    func isSubset(of other: AtomSet) -> Bool {
        for index in words.indices where words[index] & ~other.words[index] != 0 { return false }
        return true
    }

    func intersection(_ other: AtomSet) -> AtomSet { combined(other) { $0 & $1 } }
    func subtracting(_ other: AtomSet) -> AtomSet { combined(other) { $0 & ~$1 } }
    func union(_ other: AtomSet) -> AtomSet { combined(other) { $0 | $1 } }

    @inline(__always)
    private func combined(
        _ other: AtomSet, _ operation: (UInt64, UInt64) -> UInt64
    ) -> AtomSet {
        var result = AtomSet(count: words.count * 64)
        for index in words.indices {
            let word = operation(words[index], other.words[index])
            guard word != 0 else { continue }
            result.words[index] = word
            result.fingerprint ^= Self.hash(word, at: index)
        }
        return result
    }

    /// A hash of a word at its place; 0 for no atoms.
    private static func hash(_ word: UInt64, at index: Int) -> UInt64 {
        guard word != 0 else { return 0 }
        var mixed = word &+ (UInt64(truncatingIfNeeded: index) &+ 1) &* 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension AtomSet: Hashable {
    static func == (left: AtomSet, right: AtomSet) -> Bool {
        left.fingerprint == right.fingerprint && left.words == right.words
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(fingerprint)
    }
}
