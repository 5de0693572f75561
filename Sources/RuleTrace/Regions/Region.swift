/// The properties in which packets of one direction, family and transport protocol differ.
enum Dimension: Int, CaseIterable {
    case source
    case sourcePort
    case destination
    case destinationPort
    case owner
    case interface
}

/// The packets whose value in each dimension is in the given atoms.
struct Region: Hashable, Sendable {
    private var atoms: [AtomSet]

    init(_ atoms: (Dimension) -> AtomSet) {
        self.atoms = Dimension.allCases.map(atoms)
    }

    subscript(_ dimension: Dimension) -> AtomSet {
        get { atoms[dimension.rawValue] }
        set { atoms[dimension.rawValue] = newValue }
    }

    var isEmpty: Bool { atoms.contains(where: \.isEmpty) }
}

/// The intermediate result for the packets of a region.
struct RegionState: Hashable, Sendable {
    var region: Region
    /// The changed values after a redirect, by dimension; one atom each.
    var changed: [Dimension: AtomSet] = [:]
    var outcome: Explanation.Outcome = .untouched
    var decisive: TracedRule?
    var doubts: [TracedRule] = []

    init(_ region: Region) {
        self.region = region
    }

    var isTranslated: Bool { outcome.isTranslation }

    /// Splits off the packets whose value is in `atoms`; nil for an empty part.
    func cut(_ dimension: Dimension, _ atoms: AtomSet) -> (in: RegionState?, out: RegionState?) {
        if let changed = changed[dimension] {
            return changed.intersection(atoms).isEmpty ? (nil, self) : (self, nil)
        }
        let inside = region[dimension].intersection(atoms)
        if inside.isEmpty { return (nil, self) }
        let outside = region[dimension].subtracting(atoms)
        if outside.isEmpty { return (self, nil) }
        var (within, without) = (self, self)
        within.region[dimension] = inside
        without.region[dimension] = outside
        return (within, without)
    }
}

extension [RegionState] {
    /// Returns the same packets in fewer regions; merges regions that differ in one dimension.
    func merged() -> [RegionState] {
        guard count > 1 else { return self }
        var states = self
        for dimension in Dimension.allCases {
            var found: [RegionState: AtomSet] = [:]
            var order: [RegionState] = []
            for state in states {
                var key = state
                key.region[dimension] = AtomSet(count: 0)
                if let atoms = found[key] {
                    found[key] = atoms.union(state.region[dimension])
                } else {
                    found[key] = state.region[dimension]
                    order.append(key)
                }
            }
            states = order.map { key in
                var state = key
                state.region[dimension] = found[key] ?? AtomSet(count: 0)
                return state
            }
        }
        return states
    }
}

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
