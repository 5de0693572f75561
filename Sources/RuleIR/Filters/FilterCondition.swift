package import Addressing

/// A match of a foreign rule that rules of ours never have.
package struct FilterCondition: Hashable, Sendable, Codable {
    package enum Subject: Hashable, Sendable, Codable {
        /// The conntrack state is one of these (`new`), or the translation is (`dnat`).
        case connection(WordSet)
        /// The transport protocol is one of these names.
        case transport(WordSet)
        case inputInterface([InterfacePattern])
        case outputInterface([InterfacePattern])
        case source([IPPrefix])
        case destination([IPPrefix])
        case sourcePort([PortRange])
        case destinationPort([PortRange])
        /// The source address has one of these types, such as `local` (`fib`, `addrtype`).
        case sourceType(WordSet)
        case destinationType(WordSet)
        /// Of the flags in `mask`, exactly these are set.
        case tcpFlags(mask: WordSet, set: WordSet)
        /// The packet's direction: `original`, as the first packet of its connection, or `reply`.
        case direction(String)
        /// The mark of the packet.
        case mark(MarkTest)
        /// The mark of the connection.
        case connectionMark(MarkTest)
        /// One of these alternatives holds, such as the elements of a concatenation.
        case oneOf([Alternative])
        /// The kernel decides by a random number or a count (`numgen`, `statistic`).
        case random
        /// A condition that packets on an idle host meet, such as a rate below a limit.
        ///
        /// Another is a source address to which answers leave by the incoming interface.
        case usual
    }

    /// Conditions that must all hold.
    package struct Alternative: Hashable, Sendable, Codable {
        package var matches: [Match]
        package var conditions: [FilterCondition]

        package init(matches: [Match], conditions: [FilterCondition] = []) {
            self.matches = matches
            self.conditions = conditions
        }
    }

    package var subject: Subject
    package var isNegated: Bool

    package init(_ subject: Subject, isNegated: Bool = false) {
        self.subject = subject
        self.isNegated = isNegated
    }

    /// Whether the answer depends on a mark, which rules change.
    package var dependsOnMarks: Bool {
        switch subject {
        case .mark, .connectionMark: true
        case .oneOf(let alternatives):
            alternatives.contains { $0.conditions.contains(where: \.dependsOnMarks) }
        case .connection, .transport, .inputInterface, .outputInterface, .source, .destination,
            .sourcePort, .destinationPort, .sourceType, .destinationType, .tcpFlags, .direction,
            .random, .usual:
            false
        }
    }
}

/// An unordered set of words, encoded in sorted order.
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
