import Addressing
import JSON
import RuleIR

/// Reads one rule object of a listing.
struct RuleReader {
    let entry: ListedEntry
    /// The anonymous sets of the rule (`{ 22, 80 }`), named after their elements.
    private(set) var unnamedSets: [NamedSet] = []

    /// Reads a rule; `sets` are the elements of its table's sets.
    init(_ rule: JSONValue, _ sets: ForeignSets = ForeignSets()) {
        let statements = (rule["expr"]?.array ?? []).filter { $0["counter"] == nil }
        let comment = rule["comment"]?.string
        var matches = MatchReader()
        var effects = statements[...]
        while let match = effects.first?["match"], matches.read(match) {
            effects = effects.dropFirst()
        }
        guard matches.isComplete, let effect = Self.effect(Array(effects)) else {
            let text = statements.map(OpaqueStatementText.statement).joined(separator: " ")
            entry = .native(
                OpaqueRuleReader(effects, behind: &matches, sets).rule(text: text, comment: comment)
            )
            unnamedSets = matches.unnamedSets
            return
        }
        unnamedSets = matches.unnamedSets
        entry = .readable(
            ListedRule(
                matches: matches.matches, effect: effect, comment: comment,
                rationale: Rationale(comment: comment)))
    }

    /// Returns the effect of the statements after the matches; nil if the IR has no such action.
    static func effect(_ statements: [JSONValue]) -> ListedRule.Effect? {
        guard let first = statements.first, case .object(let members) = first,
            let (keyword, value) = members.first, members.count == 1
        else { return nil }
        if statements.count == 2, let zone = zone(first), isEnd(statements[1]) {
            return .action(.conntrackZone(zone))
        }
        guard statements.count == 1 else { return nil }
        switch keyword {
        case "return": return .action(.return)
        case "drop": return .action(.drop)
        case "accept": return .accept
        case "jump": return value["target"]?.string.map { .jump($0) }
        case "goto": return value["target"]?.string.map { .goto($0) }
        case "redirect": return redirection(value)
        case "log": return log(value)
        case _: return nil
        }
    }

    /// Returns the zone of `ct zone set`, after which the next rule follows without a verdict.
    private static func zone(_ statement: JSONValue) -> UInt16? {
        guard statement["mangle"]?["key"] == ["ct": ["key": "zone"]] else { return nil }
        return statement["mangle"]?["value"]?.number.flatMap { UInt16(exactly: $0) }
    }

    private static func isEnd(_ statement: JSONValue) -> Bool {
        statement["return"] != nil || statement["accept"] != nil
    }

    private static func redirection(_ value: JSONValue) -> ListedRule.Effect? {
        guard case .object(let members) = value, members.count == 1,
            let port = members["port"]?.number.flatMap({ Port($0) })
        else { return nil }
        return .action(.redirect(port))
    }

    private static func log(_ value: JSONValue) -> ListedRule.Effect? {
        guard case .object(let members) = value,
            members.keys.allSatisfy({ ["prefix", "level"].contains($0) }),
            let prefix = members["prefix"]?.string.flatMap({ LogPrefix(rawValue: $0) }),
            let level = LogLevel(nftName: members["level"]?.string ?? "warn")
        else { return nil }
        return .action(.log(prefix: prefix, level: level))
    }
}
