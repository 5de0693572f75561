/// The cost of one program, or of several in a row.
struct Cost: Hashable {
    /// Seconds from before the first program was started until the last was reaped.
    var wall: Double
    /// Processor seconds in the programs' own code.
    var user: Double
    /// Processor seconds in the kernel on the programs' behalf.
    var system: Double
    /// The largest peak memory of the programs (ru_maxrss), in bytes.
    var peak: Double

    static let nothing = Cost(wall: 0, user: 0, system: 0, peak: 0)

    static func + (first: Cost, second: Cost) -> Cost {
        Cost(
            wall: first.wall + second.wall, user: first.user + second.user,
            system: first.system + second.system, peak: max(first.peak, second.peak))
    }
}

/// One of the numbers of a cost.
enum Measure: String, CaseIterable {
    case wall
    /// User and system time together.
    case processor
    case system
    case peak

    func value(of cost: Cost) -> Double {
        switch self {
        case .wall: cost.wall
        case .processor: cost.user + cost.system
        case .system: cost.system
        case .peak: cost.peak
        }
    }

    /// One value for several.
    ///
    /// The kernel divides a process' time into user and system by samples at each tick of its
    /// clock. That is right on average, but not for one short run.
    func middle(_ values: [Double]) -> Double? {
        switch self {
        case .wall, .processor, .peak: Spread(values)?.median
        case .system: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
    }

    /// The ratio of values of the same rounds.
    func ratio(_ values: [Double], to others: [Double]) -> Spread? {
        switch self {
        case .wall, .processor, .peak: .ofRatios(values, to: others)
        case .system: .ofTotals(values, to: others)
        }
    }

    var title: String {
        switch self {
        case .wall: "Wall time"
        case .processor: "Processor time, user and system"
        case .system: "System time"
        case .peak: "Peak memory"
        }
    }

    func text(_ value: Double) -> String {
        switch self {
        case .wall, .processor, .system: Quantity.seconds(value)
        case .peak: Quantity.bytes(value)
        }
    }
}
