/// Numbers for readers.
enum Quantity {
    static func seconds(_ value: Double) -> String {
        switch value {
        case ..<0.001: "\(digits(value * 1_000_000)) µs"
        case ..<1: "\(digits(value * 1000)) ms"
        default: "\(digits(value)) s"
        }
    }

    static func bytes(_ value: Double) -> String {
        switch value {
        case ..<1000: "\(digits(value)) B"
        case ..<1_000_000: "\(digits(value / 1000)) kB"
        default: "\(digits(value / 1_000_000)) MB"
        }
    }

    static func ratio(_ value: Double) -> String { digits(value) }

    /// `0.93 (0.85–1.10)`: the median and the ends.
    static func ratio(_ spread: Spread) -> String {
        guard spread.count > 1 else { return ratio(spread.median) }
        return "\(ratio(spread.median)) (\(ratio(spread.lowest))–\(ratio(spread.highest)))"
    }

    /// `100000` as `100,000`.
    static func count(_ value: Int) -> String {
        var text = String(value)
        var place = text.count - 3
        while place > 0 {
            text.insert(",", at: text.index(text.startIndex, offsetBy: place))
            place -= 3
        }
        return text
    }

    /// Three significant digits; two decimals for values near 1.
    static func digits(_ value: Double) -> String {
        guard value.isFinite else { return "–" }
        let places =
            switch abs(value) {
            case ..<0.00005: 0
            case ..<0.01: 4
            case ..<0.1: 3
            case ..<10: 2
            case ..<100: 1
            default: 0
            }
        let scale = (0..<places).reduce(1.0) { product, _ in product * 10 }
        let scaled = Int((abs(value) * scale).rounded())
        let whole = scaled / Int(scale)
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + String(whole) }
        let rest = String(scaled % Int(scale))
        return "\(sign)\(whole).\(String(repeating: "0", count: places - rest.count))\(rest)"
    }
}
