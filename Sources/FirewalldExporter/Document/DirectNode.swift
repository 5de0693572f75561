/// An element of an existing `direct.xml`, whoever made it.
struct DirectNode: Hashable, Sendable {
    enum Name: String, CaseIterable {
        case chain
        case rule
        case passthrough
    }

    var name: Name
    var attributes: [String: String]
    /// Character data, as firewalld puts it together.
    var text: String
    /// From its `<` to behind its last `>`.
    var range: Range<Int>

    var chain: String { attributes["chain"] ?? "" }

    /// The table of a family that it is about.
    var place: Place { Place(ipv: attributes["ipv"] ?? "", table: attributes["table"] ?? "") }

    struct Place: Hashable, Sendable {
        var ipv: String
        var table: String
    }

    /// The arguments; nil where firewalld could not split the text.
    var arguments: [String]? { ShellSplit.words(text.replacing("\n", with: " ")) }
}
