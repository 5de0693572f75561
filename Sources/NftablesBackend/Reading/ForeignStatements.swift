import Addressing
import JSON
import RuleIR

/// Reads as much as possible of the statements of a rule that the IR can't express.
struct ForeignStatements {
    private(set) var conditions: [FilterCondition] = []
    private(set) var isComplete = true
    private(set) var changes: [PacketChange] = []
    private(set) var effect = OpaqueRule.Effect.aside

    /// Statements after which evaluation continues.
    private static let asides: Set<String> = [
        "counter", "log", "set", "map", "ct helper", "ct timeout", "ct expectation", "secmark",
        "comment", "last", "flow",
    ]
    /// What `mangle` may change without an effect on the path of a packet.
    private static let harmlessKeys: Set<String> = [
        "priority", "nftrace", "pkttype", "label", "event", "secmark",
    ]
    /// Targets of iptables after which evaluation continues.
    private static let neutralTargets: Set<String> = [
        "LOG", "NFLOG", "TRACE", "AUDIT", "CHECKSUM", "CONNSECMARK", "SECMARK", "TCPMSS",
        "TCPOPTSTRIP", "TTL", "HL", "TOS", "DSCP", "CLASSIFY", "SET",
    ]

    private let sets: ForeignSets
    private var isDecided = false

    /// Reads `statements`, which follow the statements that `matches` has read.
    init(
        _ statements: some Sequence<JSONValue>, behind matches: inout MatchReader,
        _ sets: ForeignSets
    ) {
        self.sets = sets
        for statement in statements { read(statement, &matches) }
        if !matches.isComplete { isComplete = false }
        // Of two elements, the second is looked up with the marks that the first may have changed.
        if case .byKey = effect, !changes.isEmpty { isComplete = false }
    }

    private mutating func read(_ statement: JSONValue, _ matches: inout MatchReader) {
        guard case .object(let members) = statement, members.count == 1,
            let (keyword, value) = members.first
        else {
            isComplete = false
            return
        }
        switch keyword {
        case "match":
            let read = ForeignMatch(sets: sets).read(value, &matches, after: changes)
            conditions += read ?? []
            isComplete = isComplete && read != nil
        case "limit", "quota", "ct count", "meter":
            conditions.append(FilterCondition(.usual, isNegated: value["inv"] == .bool(true)))
            if !changes.isEmpty { isComplete = false }
        case "mangle": readChange(statement, value)
        case "xt": readExtension(value)
        case _ where Self.asides.contains(keyword): break
        case _: decide(verdict(keyword, value, statement, &matches) ?? .unknown)
        }
    }

    private mutating func decide(_ effect: OpaqueRule.Effect) {
        // A second verdict would never be reached; what it means is unknown.
        self.effect = isDecided ? .unknown : effect
        isDecided = true
    }

    private func verdict(
        _ keyword: String, _ value: JSONValue, _ statement: JSONValue,
        _ matches: inout MatchReader
    ) -> OpaqueRule.Effect? {
        switch keyword {
        case "vmap":
            guard let key = value["key"], let data = value["data"] else { return nil }
            return MapReader(sets: sets).effect(key, data, &matches) { verdict in
                verdict["continue"] == nil ? Self.verdict(verdict) : .aside
            }
        case "dnat": return TranslationReader(sets: sets).dnat(value, &matches)
        case "redirect": return TranslationReader(sets: sets).redirect(value, &matches)
        case _: return Self.verdict(statement)
        }
    }

    private static func verdict(_ statement: JSONValue) -> OpaqueRule.Effect? {
        if let effect = RuleReader.effect([statement]) { return .known(effect) }
        if statement["reject"] != nil { return .known(.action(.drop)) }
        // They change the source address and end the chain.
        return statement["masquerade"] != nil || statement["snat"] != nil ? .known(.accept) : nil
    }

    private mutating func readChange(_ statement: JSONValue, _ value: JSONValue) {
        if let change = MarkReader.change(statement) {
            changes.append(change)
        } else if let key = (value["key"]?["meta"] ?? value["key"]?["ct"])?["key"]?.string {
            if !Self.harmlessKeys.contains(key) { decide(.unknown) }
        } else if let field = value["key"]?["payload"]?["field"]?.string {
            if !["dscp", "ecn", "ttl", "hoplimit"].contains(field) { decide(.unknown) }
        } else if value["key"]?["tcp option"] == nil {
            decide(.unknown)
        }
    }

    /// Reads an extension of iptables, of which a listing has only the name.
    private mutating func readExtension(_ value: JSONValue) {
        let name = value["name"]?.string ?? ""
        guard value["type"] == "target" else {
            if name != "comment" { isComplete = false }
            return
        }
        switch name {
        case "MARK": changes.append(.unknown(.packet))
        case "CONNMARK": changes += [.unknown(.packet), .unknown(.connection)]
        case "DNAT": decide(.translate(to: nil, nil))
        case "MASQUERADE", "SNAT": decide(.known(.accept))
        case "REJECT": decide(.known(.action(.drop)))
        case _: if !Self.neutralTargets.contains(name) { decide(.unknown) }
        }
    }
}
