import JSON

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
                },
                notes: [
                    "The program is one file of \(Quantity.bytes(Double(fixed.program.size)))."
                ]),
            Table(
                title: "The fixed cost of a first apply", head: ["", "wall time", "processor"],
                rows: [("tproxy apply", fixed.ours), ("nft -f, new table", fixed.theirs)].map {
                    name, costs in
                    [name]
                        + [Measure.wall, .processor].map { measure in
                            Spread(costs.map(measure.value(of:))).map { measure.text($0.median) }
                                ?? "–"
                        }
                },
                notes: [
                    "tproxy's own process executes \(Quantity.count(fixed.instructions)) instructions."
                ]),
        ]
    }

    var json: JSONValue {
        .object([
            "fileSize": .number(fixed.program.size),
            "instructions": .number(fixed.instructions),
            "commands": .array(
                entries.map { entry in
                    .object([
                        "command": .string(entry.pair.ours),
                        "comparedWith": .string(entry.pair.theirs),
                        "runs": .number(entry.ours.count),
                        "cost": members { Spread(entry.ours.map($0.value(of:))) },
                        "ratio": members { entry.ratio($0) },
                    ])
                }),
        ])
    }

    private func members(_ spread: (Measure) -> Spread?) -> JSONValue {
        .object(
            Dictionary(
                Measure.allCases.compactMap { measure in
                    spread(measure).map { (measure.rawValue, $0.json) }
                }
            ) { $1 })
    }
}
