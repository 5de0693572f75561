/// Markup that may go into the page as it is.
///
/// It is written as a literal. An interpolated `String` is text and is escaped; an interpolated
/// `HTML` is markup already. So text can't become markup by mistake.
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

    /// Accepts markup that another module made.
    init(trusted markup: String) { self.markup = markup }

    /// Accepts lines of markup that another part made.
    init(lines: [String]) { markup = lines.map { $0 + "\n" }.joined() }

    /// Returns a configuration path that may break after each dot.
    static func key(_ path: String) -> HTML { "<code>\(breaking(path, behind: "."))</code>" }

    /// Returns a text whose names may break after each underscore.
    static func name(_ text: String) -> HTML { breaking(text, behind: "_") }

    private static func breaking(_ text: String, behind mark: Character) -> HTML {
        let parts = text.split(separator: mark, omittingEmptySubsequences: false)
        return HTML(
            trusted: parts.map { Markup.escaped(String($0)) }.joined(separator: "\(mark)<wbr>"))
    }
}
