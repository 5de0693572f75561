import Addressing
import JSON
import RuleIR

/// Reads a match of a listing that rules of ours never have.
enum FilterConditionReader {
    private static let tcpFlags: JSONValue = ["protocol": "tcp", "field": "flags"]
    private static let allFlags: WordSet = [
        "fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr",
    ]

    /// Returns the condition of the match; nil if its meaning is unknown.
    static func condition(_ match: JSONValue) -> FilterCondition? {
        guard let listed = ListedMatch(match) else { return nil }
        let (left, right, isNegated) = (listed.left, listed.right, listed.isNegated)
        let header = left["payload"]?["protocol"]?.string
        // A packet of another family matches neither form, which a condition can't express.
        if isNegated, header == "ip" || header == "ip6" { return nil }
        if left["payload"] == tcpFlags { return flags(right, match["op"]?.string, isNegated) }
        return subject(left, right).map {
            FilterCondition($0.subject, isNegated: $0.turns != isNegated)
        }
    }

    /// Returns the subject of the match, and whether the match asks for its opposite.
    private static func subject(
        _ left: JSONValue, _ right: JSONValue
    ) -> (subject: FilterCondition.Subject, turns: Bool)? {
        func plain(_ subject: FilterCondition.Subject?) -> (FilterCondition.Subject, Bool)? {
            subject.map { ($0, false) }
        }
        if let key = left["ct"]?["key"]?.string, left["ct"]?["dir"] == nil {
            return plain(conntrack(key, right))
        }
        if let key = left["meta"]?["key"]?.string { return plain(metadata(key, right)) }
        if let payload = left["payload"] {
            return plain(
                header(payload["protocol"]?.string ?? "", payload["field"]?.string ?? "", right))
        }
        if let masked = left["&"]?.array, masked.count == 2,
            masked[0]["payload"] == tcpFlags,
            let mask = right.words(masked[1]), let set = right.words(right)
        {
            return (.tcpFlags(mask: WordSet(mask), set: WordSet(set)), false)
        }
        if let fib = left["fib"], let flags = fib["flags"]?.array?.compactMap(\.string) {
            return routing(fib["result"]?.string ?? "", flags, right)
        }
        return nil
    }

    /// Reads `tcp flags syn`: all named flags are set, and with `==` no others.
    private static func flags(
        _ right: JSONValue, _ test: String?, _ isNegated: Bool
    ) -> FilterCondition? {
        guard let words = right.words(right), test != "in" || words.count == 1 else { return nil }
        let mask = test == "in" ? WordSet(words) : allFlags
        return FilterCondition(.tcpFlags(mask: mask, set: WordSet(words)), isNegated: isNegated)
    }

    private static func conntrack(
        _ key: String, _ right: JSONValue
    ) -> FilterCondition.Subject? {
        switch key {
        case "state", "status": right.words(right).map { .connection(WordSet($0)) }
        case "direction": right.string.map { .direction($0) }
        case _: nil
        }
    }

    private static func metadata(_ key: String, _ right: JSONValue) -> FilterCondition.Subject? {
        switch key {
        case "l4proto": right.protocols.map { .transport(WordSet($0)) }
        case "nfproto": nil
        case "iifname", "iif": right.interfaces.map { .inputInterface($0) }
        case "oifname", "oif": right.interfaces.map { .outputInterface($0) }
        case _: nil
        }
    }

    private static func header(
        _ header: String, _ field: String, _ right: JSONValue
    ) -> FilterCondition.Subject? {
        switch (header, field) {
        case ("ip", "protocol"), ("ip6", "nexthdr"):
            right.protocols.map { .transport(WordSet($0)) }
        case ("th", "dport"): right.portList.map { .destinationPort($0) }
        case ("th", "sport"): right.portList.map { .sourcePort($0) }
        case _: nil
        }
    }

    private static func routing(
        _ result: String, _ flags: [String], _ right: JSONValue
    ) -> (subject: FilterCondition.Subject, turns: Bool)? {
        switch result {
        case "type":
            guard let kinds = right.words(right) else { return nil }
            if flags.contains("daddr") { return (.destinationType(WordSet(kinds)), false) }
            return flags.contains("saddr") ? (.sourceType(WordSet(kinds)), false) : nil
        case "oif", "oifname":
            // Whether a route to the source exists, as it does for a real client.
            guard flags.contains("saddr"), case .bool(let exists) = right else { return nil }
            return (.usual, !exists)
        case _: return nil
        }
    }
}

extension JSONValue {
    /// Returns the names in `value`: one, a list or a set.
    fileprivate func words(_ value: JSONValue) -> [String]? {
        let items = value["set"]?.array ?? value["|"]?.array ?? value.array ?? [value]
        let words = items.compactMap(\.string)
        return words.count == items.count ? words : nil
    }

    /// The names of transport protocols; a number other than TCP's or UDP's serves as a name.
    fileprivate var protocols: [String]? {
        let items = self["set"]?.array ?? [self]
        let names = items.compactMap { item in
            item.transport?.rawValue ?? item.string ?? item.number.map(String.init)
        }
        return names.count == items.count && !names.contains { $0.hasPrefix("@") } ? names : nil
    }

    fileprivate var interfaces: [InterfacePattern]? {
        let items = self["set"]?.array ?? [self]
        let patterns = items.compactMap(\.interface)
        return patterns.count == items.count ? patterns : nil
    }

    fileprivate var portList: [PortRange]? {
        let items = self["set"]?.array ?? [self]
        let ranges = items.compactMap(\.ports)
        return ranges.count == items.count ? ranges : nil
    }
}
