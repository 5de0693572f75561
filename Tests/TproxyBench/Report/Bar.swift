import JSON

/// A goal: a ratio that mustn't be larger than a limit.
struct Bar: Hashable {
    enum Finding: Hashable {
        case measured(Spread)
        /// The other contender exceeded the time limit, so the ratio is less than this.
        case less(than: Double)
        case notMeasured
    }

    /// Such as `1a`; the same in every run.
    var name: String
    var words: String
    var limit: Double
    var finding: Finding

    /// Nil if nothing was measured, or if a bound is above the limit.
    var isMet: Bool? {
        switch finding {
        case .measured(let spread): spread.median <= limit
        case .less(let bound): bound <= limit ? true : nil
        case .notMeasured: nil
        }
    }

    var verdict: String {
        switch isMet {
        case .some(true): "met"
        case .some(false): "MISSED"
        case .none: "not measured"
        }
    }

    static func table(_ bars: [Bar]) -> Table {
        Table(
            title: "The bars", head: ["bar", "at most", "measured", "", "what"],
            rows: bars.map { bar in
                let measured =
                    switch bar.finding {
                    case .measured(let spread): Quantity.ratio(spread)
                    case .less(let bound): "< \(Quantity.ratio(bound))"
                    case .notMeasured: "–"
                    }
                return [bar.name, Quantity.ratio(bar.limit), measured, bar.verdict, bar.words]
            })
    }

    var json: JSONValue {
        let found: (ratio: JSONValue?, below: JSONValue?) =
            switch finding {
            case .measured(let spread): (spread.json, nil)
            case .less(let bound): (nil, JSONValue(bound))
            case .notMeasured: (nil, nil)
            }
        return .members([
            "name": .string(name), "what": .string(words), "limit": JSONValue(limit),
            "ratio": found.ratio, "below": found.below, "met": isMet.map { .bool($0) } ?? .null,
        ])
    }
}
