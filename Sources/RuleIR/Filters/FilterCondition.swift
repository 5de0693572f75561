package import Addressing

/// A condition of another program's filter rule that rules of ours never have.
package struct FilterCondition: Hashable, Sendable, Codable {
    package enum Subject: Hashable, Sendable, Codable {
        /// What conntrack says: one of these states (`new`) or of these translations (`dnat`).
        case connection(WordSet)
        /// The transport protocol is one of these names.
        case transport(WordSet)
        case inputInterface([InterfacePattern])
        case outputInterface([InterfacePattern])
        case source([IPPrefix])
        case destination([IPPrefix])
        case sourcePort([PortRange])
        case destinationPort([PortRange])
        /// Whether the source is an address of this kind, such as `local` (`fib`, `addrtype`).
        case sourceType(WordSet)
        case destinationType(WordSet)
        /// Of the flags in `mask`, exactly these are set.
        case tcpFlags(mask: WordSet, set: WordSet)
        /// `original` for packets of who opened the connection, or `reply`.
        case direction(String)
        /// What a packet on a host at rest surely is: not over a limit, from where its answer goes.
        case usual
    }

    package var subject: Subject
    package var isNegated: Bool

    package init(_ subject: Subject, isNegated: Bool = false) {
        self.subject = subject
        self.isNegated = isNegated
    }
}

/// Words in no order, and in one order where they are written.
package struct WordSet: Hashable, Sendable, Codable, ExpressibleByArrayLiteral {
    package let words: Set<String>

    package init(_ words: some Sequence<String>) {
        self.words = Set(words)
    }

    package init(arrayLiteral words: String...) {
        self.words = Set(words)
    }

    package init(from decoder: any Decoder) throws {
        words = Set(try decoder.singleValueContainer().decode([String].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(words.sorted())
    }
}
