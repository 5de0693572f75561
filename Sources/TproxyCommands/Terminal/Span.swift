import Diagnostics

/// Part of a line, with its meaning.
struct Span: Hashable, Sendable {
    /// The meaning of a part, which a terminal shows as colour.
    enum Meaning: Hashable, Sendable {
        case plain
        /// The title of a section.
        case heading
        /// Additional information: reasons, keys, places.
        case aside
        /// The packet goes to the proxy.
        case captured
        /// The packet keeps its destination.
        case exempt
        /// The packet is dropped, or there is an error.
        case alarming
        /// There may be an error.
        case doubtful
        /// The state is good.
        case good
    }

    let text: String
    var meaning: Meaning

    /// Replaces characters that control a terminal, since the text may come from other programs.
    init(_ text: String, _ meaning: Meaning = .plain) {
        self.text = VisibleText.of(text)
        self.meaning = meaning
    }
}

extension Span.Meaning {
    /// The SGR parameters (ECMA-48) of the meaning; nil for the terminal's default.
    ///
    /// The eight basic colours follow the user's palette, light or dark.
    var colour: String? {
        switch self {
        case .plain: nil
        case .heading: "1"
        case .aside: "2"
        case .captured: "36"
        case .exempt: "33"
        case .alarming: "1;31"
        case .doubtful: "1;33"
        case .good: "32"
        }
    }
}

extension [Span] {
    /// The number of columns.
    var width: Int { reduce(0) { $0 + $1.text.count } }

    /// Returns the text, with colours if `isColoured`.
    func text(isColoured: Bool) -> String {
        map { span in
            guard isColoured, let colour = span.meaning.colour, !span.text.isEmpty else {
                return span.text
            }
            return "\u{1B}[\(colour)m\(span.text)\u{1B}[0m"
        }.joined()
    }
}
