/// The costs of applying, by size, contender and case.
struct ApplyingResults {
    struct Key: Hashable {
        var size: Int
        var contender: Contender
        var step: ApplyCase
    }

    /// The messages between program and kernel in one run.
    struct Traffic: Hashable {
        /// Bytes of netlink messages to the kernel, and from it.
        var sent: Int
        var received: Int
    }

    var sizes: [Int]
    private(set) var costs: [Key: [Cost]] = [:]
    /// Cases that were stopped, or not run because an earlier one was stopped.
    private(set) var stopped: Set<Key> = []
    var traffic: [Key: Traffic] = [:]

    init(sizes: [Int]) {
        self.sizes = sizes
    }

    mutating func add(_ cost: Cost?, _ key: Key) {
        if let cost {
            costs[key, default: []].append(cost)
        } else {
            stopped.insert(key)
        }
    }

    func values(_ key: Key, _ measure: Measure) -> [Double] {
        costs[key, default: []].map(measure.value(of:))
    }

    func spread(_ key: Key, _ measure: Measure) -> Spread? { Spread(values(key, measure)) }

    /// Rules that took too long to load, in the terms of the data plane.
    var unloadable: Set<TestRules> {
        var rules: Set<TestRules> = []
        for kind in TestRules.Kind.allCases {
            guard let contender = kind.contender else { continue }
            for size in sizes
            where stopped.contains(Key(size: size, contender: contender, step: .first)) {
                rules.insert(TestRules(kind: kind, size: size))
            }
        }
        return rules
    }

    /// The ratio of tproxy's values to those of another contender in the same rounds.
    func ratio(
        _ size: Int, _ step: ApplyCase, to other: Contender, _ measure: Measure
    ) -> Spread? {
        measure.ratio(
            values(Key(size: size, contender: .tproxy, step: step), measure),
            to: values(Key(size: size, contender: other, step: step), measure))
    }
}
