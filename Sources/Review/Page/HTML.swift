/// Markup that may go into the page as it is.
///
/// Written as a literal; a `String` that is interpolated is text and gets escaped, an `HTML` is
/// markup already. So no text can become markup by being forgotten.
struct HTML: ExpressibleByStringInterpolation {
    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var markup = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            markup.reserveCapacity(literalCapacity)
        }

        mutating func appendLiteral(_ literal: String) { markup += literal }
        mutating func appendInterpolation(_ html: HTML) { markup += html.markup }
        mutating func appendInterpolation(_ parts: [HTML]) {
            markup += parts.map(\.markup).joined(separator: "\n")
        }
        mutating func appendInterpolation(_ text: String) { markup += Markup.escaped(text) }
        mutating func appendInterpolation(_ number: Int) { markup += "\(number)" }
    }

    let markup: String

    init(stringLiteral value: String) { markup = value }
    init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

    /// Takes what another module made as markup.
    init(trusted markup: String) { self.markup = markup }

    /// A configuration path, which may break behind each dot.
    static func key(_ path: String) -> HTML { "<code>\(breaking(path, behind: "."))</code>" }

    /// A text whose names may break behind each underscore.
    static func name(_ text: String) -> HTML { breaking(text, behind: "_") }

    private static func breaking(_ text: String, behind mark: Character) -> HTML {
        let parts = text.split(separator: mark, omittingEmptySubsequences: false)
        return HTML(
            trusted: parts.map { Markup.escaped(String($0)) }.joined(separator: "\(mark)<wbr>"))
    }
}
