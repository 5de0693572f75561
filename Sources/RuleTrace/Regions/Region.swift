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

    /// Returns the packets of both regions; nil if there are none.
    func intersection(_ other: Region) -> Region? {
        guard meets(other) else { return nil }
        return Region { self[$0].intersection(other[$0]) }
    }

    /// Whether a packet is in both regions; `free` is a dimension in which any value will do.
    func meets(_ other: Region, free: Dimension? = nil) -> Bool {
        atoms.indices.allSatisfy { index in
            index == free?.rawValue || atoms[index].meets(other.atoms[index])
        }
    }

    /// Whether every packet of `other` is in this region.
    func includes(_ other: Region) -> Bool {
        atoms.indices.allSatisfy { other.atoms[$0].isSubset(of: atoms[$0]) }
    }
}

/// A value that belongs to the packets of a region.
protocol RegionHolder: Hashable {
    var region: Region { get set }
}

extension Region: RegionHolder {
    var region: Region {
        get { self }
        set { self = newValue }
    }
}

/// The intermediate result for the packets of a region.
struct RegionState: RegionHolder, Sendable {
    var region: Region
    /// The changed values after a redirect, by dimension; one atom each.
    var changed: [Dimension: AtomSet] = [:]
    var outcome: Explanation.Outcome = .untouched
    var decisive: TracedRule?
    var doubts: [TracedRule] = []
    /// The conntrack zone; 0 where the evaluation doesn't follow zones.
    var zone: UInt16 = 0

    init(_ region: Region) {
        self.region = region
    }

    var isTranslated: Bool { outcome.isTranslation }

    /// Splits off the packets whose value is in `atoms`; nil for an empty part.
    func cut(_ dimension: Dimension, _ atoms: AtomSet) -> (in: RegionState?, out: RegionState?) {
        if let changed = changed[dimension] {
            return changed.intersection(atoms).isEmpty ? (nil, self) : (self, nil)
        }
        if !region[dimension].meets(atoms) { return (nil, self) }
        if region[dimension].isSubset(of: atoms) { return (self, nil) }
        var (within, without) = (self, self)
        within.region[dimension] = region[dimension].intersection(atoms)
        without.region[dimension] = region[dimension].subtracting(atoms)
        return (within, without)
    }
}

extension Array where Element: RegionHolder {
    /// Returns the same packets in fewer regions; merges regions that differ in one dimension.
    func merged() -> [Element] {
        guard count > 1 else { return self }
        var states = self
        for dimension in Dimension.allCases {
            var found: [Element: AtomSet] = [:]
            var order: [Element] = []
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
