/// A piece of an XML document, with the bytes that it takes.
struct XMLToken {
    enum Kind: Equatable {
        case start(name: String, [XMLAttribute], isEmpty: Bool)
        case end(name: String)
        /// Character data or a CDATA section, with what it stands for.
        case text(String)
        /// What is between `<!--` and `-->`.
        case comment(String)
        /// A declaration, a processing instruction or a document type.
        case other
    }

    var kind: Kind
    var range: Range<Int>
}

struct XMLAttribute: Equatable {
    var name: String
    var value: String
    /// Where the name stands.
    var offset: Int
}
