/// A bar: a ratio that must not exceed a limit.
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

    var json: JSON {
        let members: KeyValuePairs<String, JSON?> =
            switch finding {
            case .measured(let spread):
                [
                    "name": .text(name), "what": .text(words), "limit": .number(limit),
                    "ratio": spread.json, "met": isMet.map { .bool($0) } ?? .null,
                ]
            case .less(let bound):
                [
                    "name": .text(name), "what": .text(words), "limit": .number(limit),
                    "below": .number(bound), "met": isMet.map { .bool($0) } ?? .null,
                ]
            case .notMeasured:
                [
                    "name": .text(name), "what": .text(words), "limit": .number(limit),
                    "met": .null,
                ]
            }
        return .object(members)
    }
}
