import JSON

extension DataPlaneResults {
    private var none: TestRules { TestRules(kind: .none, size: 0) }
    private var smallest: TestRules { TestRules(kind: .smallest, size: 0) }

    var tables: [Table] { DataPlaneAspect.allCases.map(table) }

    private func table(_ aspect: DataPlaneAspect) -> Table {
        var rows: [[String]] = []
        for rules in TestRules.all(sizes) where aspect != .query || rules.kind.hasDNS {
            var cells = [
                rules.kind.title, rules.kind.hasExclusions ? Quantity.count(rules.size) : "–",
            ]
            guard let time = spread(rules, aspect) else {
                let reason = unloadable.contains(rules) ? "not loaded in time" : "–"
                rows.append(cells + [reason] + Array(repeating: "–", count: aspect.hasRate ? 4 : 3))
                continue
            }
            cells.append(Quantity.seconds(time.median))
            if aspect.hasRate { cells.append(Quantity.count(Int(1 / time.median))) }
            for other in [none, smallest, TestRules(kind: rules.kind, size: 0)] {
                let isItself = other == rules
                cells.append(
                    isItself ? "–" : ratio(rules, to: other, aspect).map(Quantity.ratio) ?? "–")
            }
            rows.append(cells)
        }
        var notes: [String] = []
        if aspect == .exchange, let counted {
            notes.append(
                "Of \(Quantity.count(counted.exchanges)) exchanges on one connection, tproxy's rules "
                    + "counted \(Quantity.count(counted.packets)) packets.")
        }
        return Table(
            title: aspect.title,
            head: ["rules", "exclusions", "time"] + (aspect.hasRate ? ["a second"] : [])
                + ["to no rules", "to smallest redirect", "to 0 exclusions"],
            rows: rows, notes: notes)
    }

    /// The bars for the data plane.
    var bars: [Bar] {
        let many = TestRules(kind: .tproxy, size: ApplyingBars.many)
        let few = TestRules(kind: .tproxy, size: 0)
        func bar(
            _ name: String, _ words: String, to other: TestRules, _ aspect: DataPlaneAspect
        ) -> Bar {
            let spread = ratio(many, to: other, aspect)
            return Bar(
                name: name, words: words, limit: 1.1,
                finding: spread.map { .measured($0) } ?? .notMeasured)
        }
        let packets = counted.flatMap {
            Spread([Double($0.packets) / Double($0.exchanges)])
        }
        return [
            bar("4a", "connect latency with 100,000: to none", to: few, .connectMedian),
            bar(
                "4b", "connect latency with 100,000: to the smallest redirect", to: smallest,
                .connectMedian),
            bar("5b", "established, with 100,000: time of an exchange to none", to: few, .exchange),
            Bar(
                name: "5c", words: "established: packets that meet a rule, of each exchange",
                limit: 0, finding: packets.map { .measured($0) } ?? .notMeasured),
        ]
    }

    var json: JSONValue {
        .members([
            "established": counted.map { counted in
                .object([
                    "exchanges": .number(counted.exchanges),
                    "packetsThatMetARule": .number(counted.packets),
                ])
            },
            "rules": .array(TestRules.all(sizes).map(entry)),
        ])
    }

    private func entry(_ rules: TestRules) -> JSONValue {
        func times(_ spread: (DataPlaneAspect) -> Spread?) -> JSONValue? {
            let members = DataPlaneAspect.allCases.compactMap { aspect in
                spread(aspect).map { (aspect.rawValue, $0.json) }
            }
            return members.isEmpty ? nil : .object(Dictionary(members) { $1 })
        }
        return .members([
            "rules": .string(rules.kind.rawValue), "exclusions": .number(rules.size),
            "runs": .number(roundCount(rules)),
            "loaded": .bool(!unloadable.contains(rules)),
            "seconds": times { spread(rules, $0) },
            "ratioToNoRules": times { ratio(rules, to: none, $0) },
            "ratioToSmallest": times { ratio(rules, to: smallest, $0) },
        ])
    }
}
