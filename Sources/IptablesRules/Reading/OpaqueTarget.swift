import Addressing
import RuleIR

/// Interprets targets that only foreign rules have.
enum OpaqueTarget {
    /// Targets after which a packet continues unchanged with the next rule.
    private static let asides: Set<String> = [
        "LOG", "NFLOG", "ULOG", "TRACE", "AUDIT", "CHECKSUM", "CONNSECMARK", "SECMARK", "TCPMSS",
        "TCPOPTSTRIP", "TTL", "HL", "TOS", "DSCP", "CLASSIFY", "RATEEST", "LED",
    ]

    static func effect(of rule: IptablesRule) -> OpaqueRule.Effect {
        guard let name = rule.target.dropFirst().first else { return .aside }
        let options = Array(rule.target.dropFirst(2))
        switch name {
        case "RETURN": return .known(.action(.return))
        case "ACCEPT": return .known(.accept)
        case "DROP", "REJECT": return .known(.action(.drop))
        case "DNAT" where options.count == 2 && options[0] == "--to-destination":
            return translation(options[1])
        case "REDIRECT" where options.count == 2 && options[0] == "--to-ports":
            return Port(options[1]).map { .known(.action(.redirect($0))) } ?? .unknown
        case _: return asides.contains(name) ? .aside : .unknown
        }
    }

    /// Parses `10.0.0.1`, `10.0.0.1:80`, `[fd00::1]:80` or `:80`; the effect of a range is unknown.
    private static func translation(_ text: String) -> OpaqueRule.Effect {
        if let address = IPAddress(text) { return .translate(to: address, nil) }
        guard let colon = text.lastIndex(of: ":"),
            let port = Port(text[text.index(after: colon)...])
        else { return .unknown }
        let host = text[..<colon]
        if host.isEmpty { return .translate(to: nil, port) }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
        return IPAddress(String(bare)).map { .translate(to: $0, port) } ?? .unknown
    }
}
