import Addressing
import JSON
import RuleIR

/// Reads match statements of foreign rules.
struct ForeignMatch {
    let sets: ForeignSets

    /// Headers that no TCP or UDP packet has.
    private static let otherHeaders: Set<String> = [
        "icmp", "icmpv6", "igmp", "sctp", "dccp", "esp", "ah", "comp", "udplite", "gre", "arp",
    ]

    /// Reads the match of a statement behind changes of the packet; nil if its meaning is unknown.
    ///
    /// A change before it would apply to packets that don't match.
    func read(
        _ match: JSONValue, _ matches: inout MatchReader, after changes: [PacketChange]
    ) -> [FilterCondition]? {
        changes.isEmpty ? read(match, &matches) : nil
    }

    /// Reads a match as one of ours, which `matches` then has, or as conditions.
    ///
    /// Returns nil if its meaning is unknown.
    func read(_ match: JSONValue, _ matches: inout MatchReader) -> [FilterCondition]? {
        if let header = match["left"]?["payload"]?["protocol"]?.string,
            Self.otherHeaders.contains(header)
        {
            return [FilterCondition(.transport([header]))]
        }
        if matches.read(match) { return [] }
        if let mark = MarkReader.condition(match, sets) { return [mark] }
        if let condition = plainCondition(match, &matches) { return [condition] }
        guard let right = match["right"] else { return nil }
        if match["left"]?["concat"] != nil {
            return concatenation(match, &matches).map { [$0] }
        }
        if Self.isRandom(match["left"]) { return [FilterCondition(.random)] }
        guard let left = match["left"], let op = match["op"], right.setName != nil,
            let elements = sets.elements(ofSet: right)
        else { return nil }
        // A named set of a type that rules of ours never look up.
        return plainCondition(
            ["op": op, "left": left, "right": ["set": .array(elements)]], &matches
        ).map { [$0] }
    }

    /// Whether the value is a random number, or one that only the kernel can compute.
    static func isRandom(_ value: JSONValue?) -> Bool {
        value?["numgen"] != nil || value?["jhash"] != nil || value?["symhash"] != nil
    }

    private func plainCondition(
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

    /// Reads a match of several fields at once as a choice between the elements.
    private func concatenation(
        _ match: JSONValue, _ matches: inout MatchReader
    ) -> FilterCondition? {
        guard let listed = ListedMatch(match) else { return nil }
        let (left, right) = (listed.left, listed.right)
        guard let elements = right["concat"] != nil ? [right] : sets.elements(ofSet: right)
        else { return nil }
        var alternatives: [FilterCondition.Alternative] = []
        for element in elements {
            guard let alternative = alternative(left, is: element, &matches) else { return nil }
            alternatives.append(alternative)
        }
        return FilterCondition(.oneOf(alternatives), isNegated: listed.isNegated)
    }

    /// Returns the conditions under which `key`, one field or a concatenation, has a value.
    func alternative(
        _ key: JSONValue, is value: JSONValue, _ matches: inout MatchReader
    ) -> FilterCondition.Alternative? {
        let bare = value["elem"]?["val"] ?? value
        let fields = key["concat"]?.array ?? [key]
        let values = key["concat"] == nil ? [bare] : bare["concat"]?.array ?? []
        guard fields.count == values.count else { return nil }
        var reader = matches
        let known = reader.matches.count
        var conditions: [FilterCondition] = []
        for (field, value) in zip(fields, values) {
            let match: JSONValue = ["op": "==", "left": field, "right": value]
            guard let read = read(match, &reader) else { return nil }
            conditions += read
        }
        guard reader.isComplete else { return nil }
        matches.adopt(setsOf: reader)
        return FilterCondition.Alternative(
            matches: Array(reader.matches[known...]), conditions: conditions)
    }
}
