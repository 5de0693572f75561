import Addressing
import RuleTrace

/// Reads the outcome of an assertion: `redirected to 15006`.
struct OutcomeReader {
    static let expected =
        "give 'not redirected', 'redirected', 'redirected to PORT', 'dropped', 'not dropped',"
        + " 'sent to ADDRESS port PORT' or 'in conntrack zone N'"

    private let words: [AssertionWord]

    init(_ words: ArraySlice<AssertionWord>) {
        self.words = Array(words)
    }

    /// Nil for other text.
    var expectation: Expectation? {
        let keywords = words.map(\.keyword)
        switch (keywords.first, keywords.count) {
        case ("redirected", 1): return .redirected
        case ("redirected", 3...4) where keywords[1] == "to":
            guard keywords.count == 3 || keywords[2] == "port" else { return nil }
            return Port(words[words.count - 1].text).map { .treatment(.redirected(to: $0)) }
        case ("dropped", 1): return .treatment(.dropped)
        case ("not", 2) where keywords[1] == "redirected": return .treatment(.notRedirected)
        case ("not", 2) where keywords[1] == "dropped": return .notDropped
        case ("sent", 3...) where keywords[1] == "to": return target(keywords)
        case ("in", 4) where keywords[1...2] == ["conntrack", "zone"]:
            return UInt16(words[3].text).map { .treatment(.zone($0)) }
        case ("in", 4) where keywords[1...] == ["no", "conntrack", "zone"]:
            return .treatment(.zone(0))
        case _: return nil
        }
    }

    /// Reads `sent to ADDRESS`, `sent to ADDRESS port PORT` and `sent to port PORT`.
    private func target(_ keywords: [String]) -> Expectation? {
        var rest = words.dropFirst(2)
        var address: IPAddress?
        if rest.first?.keyword != "port" {
            guard let read = rest.popFirst().flatMap({ IPAddress($0.text) }) else { return nil }
            address = read
        }
        guard !rest.isEmpty else { return .treatment(.translated(to: address, nil)) }
        guard rest.count == 2, rest.popFirst()?.keyword == "port", let last = rest.first,
            let port = Port(last.text)
        else { return nil }
        return .treatment(.translated(to: address, port))
    }
}
