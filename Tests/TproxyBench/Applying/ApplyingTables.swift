/// The tables of the costs of applying.
struct ApplyingTables {
    let results: ApplyingResults
    let limit: Double
    /// The memory of this program itself.
    let floor: Double

    var all: [Table] {
        var tables = Measure.allCases.map(costs)
        for index in tables.indices where Measure.allCases[index] == .peak {
            tables[index].notes = [
                "Memory below \(Quantity.bytes(floor)) can't be measured: the measuring program itself "
                    + "uses that much."
            ]
        }
        return tables + [growth(.processor), growth(.peak)]
    }

    /// tproxy's cost, and its ratio to that of every other contender.
    private func costs(_ measure: Measure) -> Table {
        var rows: [[String]] = []
        for size in results.sizes {
            for step in ApplyCase.all(size) {
                let key = ApplyingResults.Key(size: size, contender: .tproxy, step: step)
                rows.append(
                    [
                        Quantity.count(size), step.title,
                        measure.middle(results.values(key, measure)).map(measure.text)
                            ?? absence(key),
                    ] + Contender.others.map { ratio(size, step, $0, measure) })
            }
        }
        return Table(
            title: measure.title,
            head: ["exclusions", "case", "tproxy"] + Contender.others.map { "to \($0.title)" },
            rows: rows)
    }

    private func ratio(
        _ size: Int, _ step: ApplyCase, _ other: Contender, _ measure: Measure
    ) -> String {
        let key = ApplyingResults.Key(size: size, contender: other, step: step)
        guard let ratio = results.ratio(size, step, to: other, measure) else { return absence(key) }
        // Memory below that of this program can't be measured, so it may be less.
        let isBelowFloor =
            measure == .peak && results.spread(key, measure).map { $0.median <= floor } ?? false
        return (isBelowFloor ? "over " : "") + Quantity.ratio(ratio)
    }

    private func absence(_ key: ApplyingResults.Key) -> String {
        results.stopped.contains(key) ? "over \(Quantity.seconds(limit))" : "–"
    }

    /// The messages to and from the kernel.
    var messages: Table {
        var rows: [[String]] = []
        for size in results.sizes {
            for step in ApplyCase.allCases {
                let tproxy = results.traffic[.init(size: size, contender: .tproxy, step: step)]
                let nft = results.traffic[.init(size: size, contender: .nft, step: step)]
                guard let tproxy, let nft else { continue }
                rows.append([
                    Quantity.count(size), step.title, Quantity.bytes(Double(tproxy.sent)),
                    part(tproxy.sent, of: nft.sent), Quantity.bytes(Double(tproxy.received)),
                    part(tproxy.received, of: nft.received),
                ])
            }
        }
        return Table(
            title: "Netlink messages of one run",
            head: [
                "exclusions", "case", "tproxy sends", "to nft -f", "tproxy receives", "to nft -f",
            ], rows: rows)
    }

    private func part(_ value: Int, of other: Int) -> String {
        other > 0 ? Quantity.ratio(Double(value) / Double(other)) : "–"
    }

    /// The ratio of the costs of one size to those of the next smaller.
    private func growth(_ measure: Measure) -> Table {
        var rows: [[String]] = []
        for (smaller, larger) in zip(results.sizes, results.sizes.dropFirst()) where smaller > 0 {
            for contender in Contender.allCases {
                let cells = ApplyCase.allCases.map { step in
                    growth(contender, step, measure, from: smaller, to: larger).map(Quantity.ratio)
                        ?? "–"
                }
                rows.append(
                    [
                        "\(Quantity.count(smaller)) → \(Quantity.count(larger))",
                        Quantity.ratio(Double(larger) / Double(smaller)), contender.title,
                    ] + cells)
            }
        }
        return Table(
            title: "\(measure.title): at a size, to the next smaller",
            head: ["exclusions", "elements", ""] + ApplyCase.allCases.map(\.title), rows: rows)
    }

    private func growth(
        _ contender: Contender, _ step: ApplyCase, _ measure: Measure, from smaller: Int,
        to larger: Int
    ) -> Double? {
        let low = results.spread(.init(size: smaller, contender: contender, step: step), measure)
        let high = results.spread(.init(size: larger, contender: contender, step: step), measure)
        guard let low, let high, low.median > 0 else { return nil }
        return high.median / low.median
    }
}
