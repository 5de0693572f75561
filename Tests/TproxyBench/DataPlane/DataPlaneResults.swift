/// The costs of packets, by rules.
struct DataPlaneResults {
    var sizes: [Int]
    /// A list for each round, in the order of its laps.
    private var rounds: [TestRules: [[Traffic.Sample]]] = [:]
    /// Rules that took too long to load.
    var unloadable: Set<TestRules> = []
    /// Exchanges on one connection, and their packets that our rules counted.
    var counted: Counted?

    struct Counted: Hashable {
        var exchanges: Int
        var packets: Int
    }

    init(sizes: [Int]) {
        self.sizes = sizes
    }

    mutating func add(_ sample: Traffic.Sample, _ rules: TestRules, round: Int) {
        while rounds[rules, default: []].count <= round { rounds[rules, default: []].append([]) }
        rounds[rules]?[round].append(sample)
    }

    func roundCount(_ rules: TestRules) -> Int { rounds[rules, default: []].count }

    /// The spread of the medians of the rounds.
    func spread(_ rules: TestRules, _ aspect: DataPlaneAspect) -> Spread? {
        Spread(laps(rules, aspect).compactMap { Spread($0)?.median })
    }

    /// The ratio of the time under one ruleset to that under another, in the same laps: of the
    /// medians of the rounds.
    ///
    /// A lap is short, so that what slows the memory of a machine for a second or two affects both.
    func ratio(
        _ rules: TestRules, to others: TestRules, _ aspect: DataPlaneAspect
    ) -> Spread? {
        let pairs = zip(laps(rules, aspect), laps(others, aspect))
        return Spread(pairs.compactMap { Spread.ofRatios($0, to: $1)?.median })
    }

    private func laps(_ rules: TestRules, _ aspect: DataPlaneAspect) -> [[Double]] {
        rounds[rules, default: []].map { $0.compactMap(aspect.seconds) }
    }
}

/// What is measured, always as time, so that less is better.
enum DataPlaneAspect: String, CaseIterable {
    case connectMedian
    case connectHigh
    /// Time of a whole connection: opened, accepted, ended.
    case connection
    case query
    case exchange

    /// Nil if it isn't measured.
    func seconds(_ sample: Traffic.Sample) -> Double? {
        switch self {
        case .connectMedian: sample.connectMedian
        case .connectHigh: sample.connectHigh
        case .connection: sample.connection
        case .query: sample.query
        case .exchange: sample.exchange
        }
    }

    var title: String {
        switch self {
        case .connectMedian: "Connect latency, median"
        case .connectHigh: "Connect latency, 99th percentile"
        case .connection: "Connections: time to open, accept and close one"
        case .query: "DNS queries over UDP: time of one, each of a new flow"
        case .exchange: "Established connection: time of a message and its answer"
        }
    }

    /// Whether a rate per second makes sense, because they happen one after the other.
    var hasRate: Bool {
        switch self {
        case .connectMedian, .connectHigh: false
        case .connection, .query, .exchange: true
        }
    }
}
