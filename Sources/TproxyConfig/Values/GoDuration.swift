/// Durations as Go writes them: `2s`, `1m30s`, `1.5h`, `500ms`; a bare integer is nanoseconds.
enum GoDuration {
    private static let units: [(name: String, nanoseconds: Double)] = [
        ("ns", 1), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9),
        ("h", 3600e9),
    ]

    /// Parses a duration of 0 to 24 hours; returns nil for any other text.
    static func parse(_ text: String) -> Duration? {
        if let nanoseconds = Int64(text) {
            return limited(Double(nanoseconds))
        }
        var rest = text[...]
        var total = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            guard let number = Double(digits), !digits.isEmpty else { return nil }
            rest = rest.dropFirst(digits.count)
            let name = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
            guard let unit = units.first(where: { $0.name == name }) else { return nil }
            total += number * unit.nanoseconds
            rest = rest.dropFirst(name.count)
        }
        return limited(total)
    }

    private static func limited(_ nanoseconds: Double) -> Duration? {
        guard nanoseconds >= 0, nanoseconds <= 24 * 3600e9 else { return nil }
        return .nanoseconds(Int64(nanoseconds))
    }

    /// Returns the shortest text that parses to `duration`: whole seconds, milliseconds or
    /// nanoseconds.
    static func text(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let nanoseconds = attoseconds / 1_000_000_000
        if nanoseconds == 0 { return "\(seconds)s" }
        if nanoseconds % 1_000_000 == 0 {
            return "\(seconds * 1000 + nanoseconds / 1_000_000)ms"
        }
        return "\(seconds * 1_000_000_000 + nanoseconds)ns"
    }
}
