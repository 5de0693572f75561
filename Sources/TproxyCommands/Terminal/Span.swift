import Diagnostics

/// A piece of a line, and what it means to the reader.
struct Span: Hashable, Sendable {
    /// What a piece of text means; a terminal shows it by colour, anything else by its words alone.
    enum Meaning: Hashable, Sendable {
        case plain
        /// The title of a part.
        case heading
        /// What only completes the text: reasons, keys, places.
        case aside
        /// The packet goes to the proxy.
        case captured
        /// The packet goes where it was going.
        case exempt
        /// The packet's life ends, or something is wrong.
        case alarming
        /// Something may be wrong.
        case doubtful
        /// Something is as it should be.
        case good
    }

    let text: String
    var meaning: Meaning

    /// Some of what is told was written by others: nothing of it drives the terminal.
    init(_ text: String, _ meaning: Meaning = .plain) {
        self.text = VisibleText.of(text)
        self.meaning = meaning
    }
}

extension Span.Meaning {
    /// The SGR parameters of ECMA-48 that show it; nil for the terminal's own.
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
    /// How many columns it takes.
    var width: Int { reduce(0) { $0 + $1.text.count } }

    /// The text, with colours if they are wanted.
    func text(isColoured: Bool) -> String {
        map { span in
            guard isColoured, let colour = span.meaning.colour, !span.text.isEmpty else {
                return span.text
            }
            return "\u{1B}[\(colour)m\(span.text)\u{1B}[0m"
        }.joined()
    }
}
