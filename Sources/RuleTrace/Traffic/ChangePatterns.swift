/// Describes packets that are treated differently by patterns that are as general as possible.
///
/// A pattern may contain packets that don't get the former treatment; the statement about it is
/// only about those that do. So "outgoing TCP to port 22" need not except the packets that the
/// former rules don't redirect either.
struct ChangePatterns {
    /// A pattern, and packets of it that are treated differently.
    struct Pattern {
        var pattern: Region
        var example: Region
    }

    /// The maximum number of comparisons of regions; beyond it, patterns are as narrow as the regions.
    private static let affordable = 1_000_000

    /// The packets that are treated differently, in disjoint regions.
    private let changed: [Region]
    /// Other packets that get the same former treatment, which no pattern may contain.
    private let others: [Region]
    private let view: RegionView

    init(_ changed: [Region], but others: [Region], _ view: RegionView) {
        self.changed = changed
        self.others = others
        self.view = view
    }

    var patterns: [Pattern] {
        guard changed.count * (changed.count + others.count) <= Self.affordable else {
            return changed.map { Pattern(pattern: $0, example: $0) }
        }
        let bounds = Region { dimension in
            changed.dropFirst().reduce(changed[0][dimension]) { $0.union($1[dimension]) }
        }
        if !others.contains(where: { bounds.meets($0) }) {
            return [Pattern(pattern: generalized(bounds), example: changed[0])]
        }
        var patterns: [Pattern] = []
        var rest = changed
        while let next = rest.first {
            let pattern = generalized(grown(next, within: bounds))
            patterns.append(Pattern(pattern: pattern, example: next))
            rest.removeAll { pattern.includes($0) }
        }
        return patterns
    }

    /// Adds the values of other changed packets, as far as the result contains only such.
    private func grown(_ region: Region, within bounds: Region) -> Region {
        var region = region
        for dimension in Dimension.allCases {
            region[dimension] = region[dimension].union(
                bounds[dimension].subtracting(excluded(from: region, dimension)))
        }
        return region
    }

    /// Leaves out exceptions that aren't needed, such as the proxy's own packets.
    private func generalized(_ region: Region) -> Region {
        var region = region
        for dimension in Dimension.allCases where view.isException(region, dimension) {
            region[dimension] = view.whole(dimension)
                .subtracting(excluded(from: region, dimension))
        }
        return region
    }

    /// Returns the values with which the region would contain packets of `others`.
    private func excluded(from region: Region, _ dimension: Dimension) -> AtomSet {
        var values = view.none(dimension)
        for other in others where other.meets(region, free: dimension) {
            values = values.union(other[dimension])
        }
        return values
    }
}
