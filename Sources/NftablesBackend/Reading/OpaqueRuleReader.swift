import Addressing
import JSON
import RuleIR

/// Reads as much as possible of a rule that the IR can't express.
struct OpaqueRuleReader {
    private let matches: [Match]
    private var isComplete = true
    private var effect = OpaqueRule.Effect.aside

    /// Reads `statements`, which follow the statements that `matches` has read.
    init(_ statements: ArraySlice<JSONValue>, behind matches: inout MatchReader) {
        var effects: [JSONValue] = []
        for statement in statements {
            if let match = statement["match"] {
                if !matches.read(match) { isComplete = false }
            } else if statement["log"] == nil {
                effects.append(statement)
            }
        }
        self.matches = matches.matches
        if !matches.isComplete { isComplete = false }
        guard let last = effects.last else { return }
        // A statement before the last may be a limit, which applies to some packets only.
        if effects.count > 1 { isComplete = false }
        effect = Self.effect(last, all: effects)
    }

    func rule(text: String, comment: String?) -> OpaqueRule {
        OpaqueRule(
            text: text, comment: comment, matches: matches, isComplete: isComplete, effect: effect)
    }

    private static func effect(_ last: JSONValue, all: [JSONValue]) -> OpaqueRule.Effect {
        if all.count == 1, let known = RuleReader.effect(all) { return .known(known) }
        if all.count == 1, last["reject"] != nil { return .known(.action(.drop)) }
        if all.count == 1, let target = last["dnat"], let read = translation(target) { return read }
        return .unknown
    }

    /// Returns a translation to one address and one port; nil for a map or a range.
    private static func translation(_ target: JSONValue) -> OpaqueRule.Effect? {
        var address: IPAddress?
        if let value = target["addr"] {
            guard let read = value.string.flatMap({ IPAddress($0) }) else { return nil }
            address = read
        }
        var port: Port?
        if let value = target["port"] {
            guard let read = value.number.flatMap({ Port($0) }) else { return nil }
            port = read
        }
        return address == nil && port == nil ? nil : .translate(to: address, port)
    }
}
