/// A piece of an XML document, with the bytes that it takes.
struct XMLToken {
    enum Kind: Equatable {
        case start(name: String, [XMLAttribute])
        /// An empty tag has its end right behind its start, and that takes no bytes.
        case end(name: String)
        /// Character data or a part of it, with what it stands for.
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
