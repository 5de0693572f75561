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
        "counter", "log", "mangle", "notrack", "set", "map", "ct helper", "ct timeout", "secmark",
        "comment",
    ]
    /// Headers that no TCP or UDP packet has.
    private static let otherHeaders: Set<String> = [
        "icmp", "icmpv6", "igmp", "sctp", "dccp", "esp", "ah", "comp", "udplite", "gre", "arp",
    ]

    private let number: Int
    private let text: String
    private let maps: [String: [JSONValue]]

    init(_ rule: JSONValue, number: Int, maps: [String: [JSONValue]]) {
        self.number = number
        self.maps = maps
        let statements = rule["expr"]?.array ?? []
        text = statements.filter { $0["counter"] == nil }.map(OpaqueStatementText.filterStatement)
            .joined(separator: " ")
        read(statements)
    }

    private mutating func read(_ statements: [JSONValue]) {
        var matches = MatchReader()
        var conditions: [FilterCondition] = []
        var isComplete = true
        var effect = FilterRule.Effect.aside
        func rule() -> FilterRule {
            FilterRule(
                number: number, text: text, matches: matches.matches, conditions: conditions,
                isComplete: isComplete, effect: effect)
        }
        for (index, statement) in statements.enumerated() {
            guard case .object(let members) = statement, let (keyword, value) = members.first
            else {
                isComplete = false
                continue
            }
            switch keyword {
            case "match":
                if let other = Self.otherHeader(value) {
                    conditions.append(FilterCondition(.transport([other])))
                } else if matches.read(value) {
                    continue
                } else if let condition = Self.condition(value, &matches) {
                    conditions.append(condition)
                } else {
                    isComplete = false
                }
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
            case "xt" where value["type"] == "match": isComplete = false
            case "xt" where value["name"] == "REJECT": effect = .drop
            case _ where Self.asides.contains(keyword): continue
            case _: effect = .unknown
            }
        }
        rules.append(rule())
        unnamedSets += matches.unnamedSets
    }

    private static func condition(
        _ match: JSONValue, _ matches: inout MatchReader
    ) -> FilterCondition? {
        // `tcp dport != 22` implies a match of TCP.
        if let header = match["left"]?["payload"]?["protocol"]?.string,
            TransportProtocol(rawValue: header) != nil,
            let field = match["left"]?["payload"]?["field"]?.string,
            ["sport", "dport"].contains(field),
            let right = match["right"], let op = match["op"],
            let condition = FilterConditionReader.condition([
                "op": op, "right": right,
                "left": ["payload": ["protocol": "th", "field": .string(field)]],
            ]),
            matches.read([
                "op": "==", "left": ["meta": ["key": "l4proto"]], "right": .string(header),
            ])
        {
            return condition
        }
        return FilterConditionReader.condition(match)
    }

    private static func otherHeader(_ match: JSONValue) -> String? {
        guard let header = match["left"]?["payload"]?["protocol"]?.string,
            otherHeaders.contains(header)
        else { return nil }
        return header
    }

    /// Returns pairs of a key and a verdict; nil for an unknown map or one that is too large.
    private func elements(of map: JSONValue) -> [JSONValue]? {
        let elements: [JSONValue]?
        if let name = map["data"]?.setName {
            elements = maps[name.text]
        } else {
            elements = map["data"]?["set"]?.array
        }
        guard let elements, elements.count <= Self.maximumElements,
            elements.allSatisfy({ $0.array?.count == 2 })
        else { return nil }
        return elements
    }

    private static func statements(_ key: JSONValue, _ element: JSONValue) -> [JSONValue] {
        guard let pair = element.array, pair.count == 2 else { return [] }
        let value = pair[0]["elem"]?["val"] ?? pair[0]
        // `*` matches any key.
        let match: [JSONValue] =
            value == "*" ? [] : [["match": ["op": "==", "left": key, "right": value]]]
        return match + [pair[1]]
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
