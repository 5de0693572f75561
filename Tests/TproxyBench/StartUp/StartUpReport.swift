extension StartUpBench.Results {
    var tables: [Table] {
        [
            Table(
                title: "Commands that load nothing",
                head: [
                    "command", "to", "wall time", "ratio", "processor", "ratio", "memory", "ratio",
                ],
                rows: entries.map { entry in
                    [entry.pair.ours, entry.pair.theirs]
                        + [Measure.wall, .processor, .peak].flatMap { measure in
                            [
                                Spread(entry.ours.map(measure.value(of:))).map {
                                    measure.text($0.median)
                                } ?? "–",
                                entry.ratio(measure).map(Quantity.ratio) ?? "–",
                            ]
                        }
                }, notes: ["The program is one file of \(Quantity.bytes(Double(fileSize)))."])
        ]
    }

    var json: JSON {
        .object([
            "fileSize": .number(fileSize),
            "commands": .list(
                entries.map { entry in
                    .object([
                        "command": .text(entry.pair.ours), "comparedWith": .text(entry.pair.theirs),
                        "runs": .number(entry.ours.count),
                        "cost": members { Spread(entry.ours.map($0.value(of:))) },
                        "ratio": members { entry.ratio($0) },
                    ])
                }),
        ])
    }

    private func members(_ spread: (Measure) -> Spread?) -> JSON {
        .object(
            Measure.allCases.compactMap { measure in
                spread(measure).map { JSON.Member(name: measure.rawValue, value: $0.json) }
            })
    }
}
