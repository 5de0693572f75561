/// An element of a `direct.xml`, of any program.
struct DirectNode: Hashable, Sendable {
    enum Name: String, CaseIterable {
        case chain
        case rule
        case passthrough
    }

    var name: Name
    var attributes: [String: String]
    /// The character data, as firewalld joins it.
    var text: String
    /// The byte range from the first `<` through the last `>`.
    var range: Range<Int>

    var chain: String { attributes["chain"] ?? "" }

    /// The family and the table of the element.
    var place: Place { Place(ipv: attributes["ipv"] ?? "", table: attributes["table"] ?? "") }

    struct Place: Hashable, Sendable {
        var ipv: String
        var table: String
    }

    /// The arguments; nil if firewalld can't split the text.
    var arguments: [String]? { ShellSplit.words(text.replacing("\n", with: " ")) }
}
