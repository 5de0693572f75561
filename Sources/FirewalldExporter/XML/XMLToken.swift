/// A token of an XML document, with its byte range.
struct XMLToken {
    enum Kind: Equatable {
        case start(name: String, [XMLAttribute])
        /// The end of an element; that of an empty tag has an empty range.
        case end(name: String)
        /// Character data, or part of it, with references replaced.
        case text(String)
        case comment
    }

    var kind: Kind
    var range: Range<Int>
}

struct XMLAttribute: Equatable {
    var name: String
    var value: String
}
