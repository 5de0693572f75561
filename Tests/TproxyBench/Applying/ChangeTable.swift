/// The cost of changing one exclusion, relative to a first apply of all.
struct ChangeTable {
    let results: ApplyingResults

    var table: Table {
        var rows: [[String]] = []
        for size in results.sizes where size > 0 {
            for contender in Contender.allCases where contender.cases(size).contains(.one) {
                let times = [Measure.wall, .processor, .system].map { measure in
                    measure.ratio(
                        results.values(key(size, contender, .one), measure),
                        to: results.values(key(size, contender, .first), measure)
                    ).map(Quantity.ratio) ?? "–"
                }
                rows.append(
                    [Quantity.count(size), contender.title] + times + [sent(size, contender)])
            }
        }
        return Table(
            title: "One exclusion changed, to a first apply by the same contender",
            head: ["exclusions", "", "wall time", "processor", "system", "bytes to the kernel"],
            rows: rows)
    }

    private func sent(_ size: Int, _ contender: Contender) -> String {
        let one = results.traffic[key(size, contender, .one)]?.sent
        let first = results.traffic[key(size, contender, .first)]?.sent
        guard let one, let first, first > 0 else { return "–" }
        return Quantity.ratio(Double(one) / Double(first))
    }

    private func key(
        _ size: Int, _ contender: Contender, _ step: ApplyCase
    ) -> ApplyingResults.Key {
        ApplyingResults.Key(size: size, contender: contender, step: step)
    }
}
