package import Addressing
import Digest

/// One rule of a chain.
package enum ListedEntry: Hashable, Sendable {
    case readable(ListedRule)
    case native(OpaqueRule)
}

/// A rule that the IR can express.
package struct ListedRule: Hashable, Sendable, Codable {
    /// The effect of the rule on a packet.
    package enum Effect: Hashable, Sendable {
        /// An action other than a jump; `jump` and `goto` hold names of the table's chains.
        case action(Action)
        case jump(String)
        /// Continues in the target, which returns to the chain that called this one.
        case goto(String)
        /// Ends the base chain.
        case accept
    }

    package var matches: [Match]
    package var effect: Effect
    /// The comment as the kernel holds it; nil if there is none.
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

/// A rule that the IR can't express, as its tool lists it.
package struct OpaqueRule: Hashable, Sendable {
    /// The effect of the rule on a packet, as far as it is known.
    package indirect enum Effect: Hashable, Sendable {
        case unknown
        /// Continues with the next rule, as after a counter or a log statement.
        case aside
        /// Changes the destination address, the port or both; nil for both if the listing doesn't
        /// show the destination.
        case translate(to: IPAddress?, Port?)
        case known(ListedRule.Effect)
        /// Has the effect of the element that the packet matches; without one, continues.
        case byKey([Branch])
        /// Has one of these effects; which one is random.
        case oneOf([Effect])
    }

    /// An element of a map, with its effect.
    package struct Branch: Hashable, Sendable, Codable {
        package var key: FilterCondition.Alternative
        package var effect: Effect

        package init(_ key: FilterCondition.Alternative, _ effect: Effect) {
            self.key = key
            self.effect = effect
        }
    }

    package var text: String
    package var comment: String?
    /// Matches that are certain to hold for packets that the rule matches.
    package var matches: [Match]
    /// Matches that rules of ours never have, which are certain to hold as well.
    package var conditions: [FilterCondition]
    /// Whether `matches` and `conditions` are all matches of the rule.
    package var isComplete: Bool
    /// The changes of marks before the effect.
    package var changes: [PacketChange]
    package var effect: Effect

    package init(
        text: String, comment: String?, matches: [Match] = [],
        conditions: [FilterCondition] = [], isComplete: Bool = false,
        changes: [PacketChange] = [], effect: Effect = .unknown
    ) {
        self.text = text
        self.comment = comment
        self.matches = matches
        self.conditions = conditions
        self.isComplete = isComplete
        self.changes = changes
        self.effect = effect
    }
}

extension Rationale {
    /// Reads `reason [key]`, the form that backends write; any other comment is the reason.
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

    /// Returns a name for a set that has none; equal members give equal names.
    package static func unnamed(_ members: [some CustomStringConvertible]) -> SetName {
        let text = members.map(\.description).joined(separator: ",")
        return SetName(unnamedPrefix + SHA256.hexadecimal(text.utf8).prefix(12))
    }

    /// Whether the set is anonymous, a list within a rule.
    package var isUnnamed: Bool { text.hasPrefix(Self.unnamedPrefix) }
}
