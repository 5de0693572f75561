package import Addressing
import Digest

/// One rule of a chain.
package enum ListedEntry: Hashable, Sendable {
    case readable(ListedRule)
    case native(OpaqueRule)
}

/// A rule that the IR has words for.
package struct ListedRule: Hashable, Sendable, Codable {
    /// What it does with a packet.
    package enum Effect: Hashable, Sendable {
        /// Never a jump: those are below, by the names of the table's chains.
        case action(Action)
        case jump(String)
        /// Like a jump that doesn't come back: what the target returns to is what this chain would.
        case goto(String)
        /// Ends the base chain.
        case accept
    }

    package var matches: [Match]
    package var effect: Effect
    /// As it stands there; nil for none.
    package var comment: String?
    package var rationale: Rationale

    package init(
        matches: [Match], effect: Effect, comment: String?, rationale: Rationale
    ) {
        self.matches = matches
        self.effect = effect
        self.comment = comment
        self.rationale = rationale
    }
}

/// A rule that the IR has no words for, in its tool's.
package struct OpaqueRule: Hashable, Sendable, Codable {
    /// What it does with a packet, as far as that shows.
    package enum Effect: Hashable, Sendable {
        case unknown
        /// Nothing that touches the packet's way: it is counted or logged.
        case aside
        /// It goes to another address, port or both.
        case translate(to: IPAddress?, Port?)
        case known(ListedRule.Effect)
    }

    package var text: String
    package var comment: String?
    /// What packets that meet the rule surely are.
    package var matches: [Match]
    /// Whether that is all that it asks.
    package var isComplete: Bool
    package var effect: Effect

    package init(
        text: String, comment: String?, matches: [Match] = [], isComplete: Bool = false,
        effect: Effect = .unknown
    ) {
        self.text = text
        self.comment = comment
        self.matches = matches
        self.isComplete = isComplete
        self.effect = effect
    }
}

extension Rationale {
    /// Reads `reason [key]`, the comment that backends write; any other is all reason.
    package init(comment: String?) {
        guard let comment else {
            self.init("no comment", key: "")
            return
        }
        guard comment.hasSuffix("]"), let bracket = comment.lastIndex(of: "[") else {
            self.init(comment, key: "")
            return
        }
        let reason = comment[..<bracket]
        self.init(
            String(reason.hasSuffix(" ") ? reason.dropLast() : reason),
            key: String(comment[comment.index(after: bracket)...].dropLast()))
    }
}

extension SetName {
    private static let unnamedPrefix = "unnamed_"

    /// The name of a set that has none where it stands: the same for the same members.
    package static func unnamed(_ members: [some CustomStringConvertible]) -> SetName {
        let text = members.map(\.description).joined(separator: ",")
        return SetName(unnamedPrefix + SHA256.hexadecimal(text.utf8).prefix(12))
    }

    /// Whether the set is a list that a rule holds itself.
    package var isUnnamed: Bool { text.hasPrefix(Self.unnamedPrefix) }
}
