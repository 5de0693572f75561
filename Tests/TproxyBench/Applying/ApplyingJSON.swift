extension ApplyingResults {
    /// One entry for each size, case and contender.
    var json: JSON {
        var entries: [JSON] = []
        for size in sizes {
            for step in ApplyCase.all(size) {
                entries += Contender.allCases.filter { $0.cases(size).contains(step) }
                    .map { entry(size, step, $0) }
            }
        }
        return .list(entries)
    }

    private func entry(_ size: Int, _ step: ApplyCase, _ contender: Contender) -> JSON {
        let key = Key(size: size, contender: contender, step: step)
        let costs = Measure.allCases.compactMap { measure in
            spread(key, measure).map { JSON.Member(name: measure.rawValue, value: $0.json) }
        }
        let ratios = Measure.allCases.compactMap { measure in
            ratio(size, step, to: contender, measure).map {
                JSON.Member(name: measure.rawValue, value: $0.json)
            }
        }
        let traffic = traffic[key].map { traffic in
            JSON.object(["sent": .number(traffic.sent), "received": .number(traffic.received)])
        }
        return .object([
            "exclusions": .number(size), "case": .text(step.rawValue),
            "contender": .text(contender.rawValue),
            "runs": .number(self.costs[key, default: []].count),
            "stopped": .bool(stopped.contains(key)),
            "cost": costs.isEmpty ? nil : .object(costs),
            "tproxyRatio": contender == .tproxy || ratios.isEmpty ? nil : .object(ratios),
            "netlink": traffic,
        ])
    }
}
