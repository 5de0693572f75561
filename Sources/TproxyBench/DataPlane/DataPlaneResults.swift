/// What packets cost under rules, by rules.
struct DataPlaneResults {
    var sizes: [Int]
    /// In the order of the rounds.
    private(set) var samples: [TestRules: [Traffic.Sample]] = [:]
    /// Rules that took too long to load.
    var unloadable: Set<TestRules> = []
    /// Messages that were exchanged on one connection, and packets of them that our rules counted.
    var counted: Counted?

    struct Counted: Hashable {
        var exchanges: Int
        var packets: Int
    }

    init(sizes: [Int]) {
        self.sizes = sizes
    }

    mutating func add(_ sample: Traffic.Sample, _ rules: TestRules) {
        samples[rules, default: []].append(sample)
    }

    func spread(_ rules: TestRules, _ aspect: DataPlaneAspect) -> Spread? {
        Spread(samples[rules, default: []].compactMap(aspect.seconds))
    }

    /// The time under some rules in relation to that under others, in the same rounds.
    func ratio(
        _ rules: TestRules, to others: TestRules, _ aspect: DataPlaneAspect
    ) -> Spread? {
        Spread.ofRatios(
            samples[rules, default: []].compactMap(aspect.seconds),
            to: samples[others, default: []].compactMap(aspect.seconds))
    }
}

/// What is looked at, always as time, so that less is better.
enum DataPlaneAspect: String, CaseIterable {
    case connectMedian
    case connectHigh
    /// Time of a whole connection: opened, accepted, ended.
    case connection
    case query
    case exchange

    /// Nil where it isn't looked at.
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
        case .connectHigh: "Connect latency, 99 of 100"
        case .connection: "Connections: time of one, opened, accepted and ended"
        case .query: "DNS queries over UDP: time of one, each of a new flow"
        case .exchange: "Established connection: time of one message there and one back"
        }
    }

    /// How often a second, for what happens one after the other.
    var hasRate: Bool {
        switch self {
        case .connectMedian, .connectHigh: false
        case .connection, .query, .exchange: true
        }
    }
}
