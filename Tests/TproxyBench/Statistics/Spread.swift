/// The median and the extremes of some values.
struct Spread: Hashable {
    var count: Int
    var median: Double
    var lowest: Double
    var highest: Double

    /// Nil without values.
    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        count = sorted.count
        lowest = first
        highest = last
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// The ratios of values that were measured next to each other.
    ///
    /// Pairs, because other work of the machine affects both. A value without a partner, or
    /// with a zero as partner, doesn't count.
    static func ofRatios(_ values: [Double], to others: [Double]) -> Spread? {
        Spread(zip(values, others).compactMap { $1 > 0 ? $0 / $1 : nil })
    }

    /// The ratio of sums, for values that are right on average only.
    static func ofTotals(_ values: [Double], to others: [Double]) -> Spread? {
        let pairs = Array(zip(values, others))
        let total = pairs.reduce(0) { $0 + $1.1 }
        guard total > 0 else { return nil }
        return Spread([pairs.reduce(0) { $0 + $1.0 } / total])
    }
}
