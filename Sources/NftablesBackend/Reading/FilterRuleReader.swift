import Addressing
import JSON
import RuleIR

/// Reads a rule of a foreign filter chain; a verdict map gives one rule for each element.
struct FilterRuleReader {
    private(set) var rules: [FilterRule] = []
    private(set) var unnamedSets: [NamedSet] = []

    /// The maximum size of a map that is read; larger maps count as unknown.
    private static let maximumElements = 1_000
    /// Statements after which evaluation continues.
    private static let asides: Set<String> = [
        "counter", "log", "notrack", "set", "map", "ct helper", "ct timeout", "secmark",
        "comment",
    ]
    private let number: Int
    private let text: String
    private let sets: ForeignSets

    init(_ rule: JSONValue, number: Int, sets: ForeignSets) {
        self.number = number
        self.sets = sets
        let statements = rule["expr"]?.array ?? []
        text = statements.filter { $0["counter"] == nil }.map(OpaqueStatementText.filterStatement)
            .joined(separator: " ")
        read(statements)
    }

    private mutating func read(_ statements: [JSONValue]) {
        var matches = MatchReader()
        var conditions: [FilterCondition] = []
        var isComplete = true
        var changes: [PacketChange] = []
        var effect = FilterRule.Effect.aside
        func rule() -> FilterRule {
            FilterRule(
                number: number, text: text, matches: matches.matches, conditions: conditions,
                isComplete: isComplete, changes: changes, effect: effect)
        }
        for (index, statement) in statements.enumerated() {
            guard case .object(let members) = statement, let (keyword, value) = members.first
            else {
                isComplete = false
                continue
            }
            switch keyword {
            case "match":
                let read = ForeignMatch(sets: sets).read(value, &matches, after: changes)
                conditions += read ?? []
                isComplete = isComplete && read != nil
            case "limit", "quota", "ct count":
                conditions.append(
                    FilterCondition(.usual, isNegated: value["inv"] == .bool(true)))
            case "vmap":
                guard let elements = elements(of: value), let key = value["key"] else {
                    effect = .unknown
                    continue
                }
                let head = Array(statements[..<index])
                for element in elements { read(head + Self.statements(key, element)) }
                return
            case "accept": effect = .accept
            case "drop", "reject": effect = .drop
            case "return": effect = .return
            case "jump": effect = value["target"]?.string.map { .jump($0) } ?? .unknown
            case "goto": effect = value["target"]?.string.map { .goto($0) } ?? .unknown
            case "mangle":
                if let change = MarkReader.change(statement) { changes.append(change) }
            case "xt" where value["type"] == "match":
                isComplete = isComplete && value["name"] == "comment"
            case "xt" where value["name"] == "MARK" || value["name"] == "CONNMARK":
                changes += [.unknown(.packet), .unknown(.connection)]
            case "xt" where value["name"] == "REJECT": effect = .drop
            case _ where Self.asides.contains(keyword): continue
            case _: effect = .unknown
            }
        }
        rules.append(rule())
        unnamedSets += matches.unnamedSets
    }

    /// Returns the elements of a verdict map; nil for an unknown map or one that is too large.
    private func elements(of map: JSONValue) -> [(key: JSONValue, value: JSONValue)]? {
        map["data"].flatMap { sets.elements(ofMap: $0) }
            .flatMap { $0.count <= Self.maximumElements ? $0 : nil }
    }

    private static func statements(
        _ key: JSONValue, _ element: (key: JSONValue, value: JSONValue)
    ) -> [JSONValue] {
        // `*` matches any key.
        let match: [JSONValue] =
            element.key == "*"
            ? [] : [["match": ["op": "==", "left": key, "right": element.key]]]
        return match + [element.value]
    }
}

extension OpaqueStatementText {
    /// Returns a statement in nft's syntax, simplified for the reader.
    static func filterStatement(_ statement: JSONValue) -> String {
        switch statement {
        case .object(let members) where members["vmap"] != nil:
            return self.statement([
                "match": ["left": members["vmap"]?["key"] ?? .null, "right": "vmap"]
            ])
        case .object(let members) where members["reject"] != nil: return "reject"
        case _: return self.statement(statement)
        }
    }
}
