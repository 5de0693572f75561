import JSON

extension ApplyingResults {
    /// One entry for each size, case and contender.
    var json: JSONValue {
        var entries: [JSONValue] = []
        for size in sizes {
            for step in ApplyCase.all(size) {
                entries += Contender.allCases.filter { $0.cases(size).contains(step) }
                    .map { entry(size, step, $0) }
            }
        }
        return .array(entries)
    }

    private func entry(_ size: Int, _ step: ApplyCase, _ contender: Contender) -> JSONValue {
        let key = Key(size: size, contender: contender, step: step)
        let costs = Measure.allCases.compactMap { measure in
            spread(key, measure).map { (measure.rawValue, $0.json) }
        }
        let ratios = Measure.allCases.compactMap { measure in
            ratio(size, step, to: contender, measure).map {
                (measure.rawValue, $0.json)
            }
        }
        let traffic = traffic[key].map { traffic in
            JSONValue.object(["sent": .number(traffic.sent), "received": .number(traffic.received)])
        }
        return .members([
            "exclusions": .number(size), "case": .string(step.rawValue),
            "contender": .string(contender.rawValue),
            "runs": .number(self.costs[key, default: []].count),
            "stopped": .bool(stopped.contains(key)),
            "cost": costs.isEmpty ? nil : .object(Dictionary(costs) { $1 }),
            "tproxyRatio": contender == .tproxy || ratios.isEmpty
                ? nil : .object(Dictionary(ratios) { $1 }),
            "netlink": traffic,
        ])
    }
}
