import Addressing
import RuleIR

/// Reads one iptables rule as a rule of the IR, if the IR can express it.
struct SavedRuleReader {
    /// The IR can't express the rule.
    private struct Inexpressible: Error {}

    private(set) var entry: ListedEntry
    /// The lists in the rule itself (`--dports 80,443`), named after their contents.
    private(set) var unnamedSets: [NamedSet] = []

    /// The matches read so far, which hold for every packet that the rule matches.
    private var known: [Match] = []

    init(_ saved: SavedRule) {
        let comment = saved.rule.comment
        entry = .native(OpaqueRule(text: saved.line, comment: comment))
        var isComplete = false
        do {
            try readMatches(of: saved.rule)
            isComplete = true
            entry = .readable(
                ListedRule(
                    matches: known, effect: try Self.effect(of: saved.rule), comment: comment,
                    rationale: IptablesComment.rationale(comment)))
        } catch {
            entry = .native(
                OpaqueRule(
                    text: saved.line, comment: comment, matches: known, isComplete: isComplete,
                    effect: OpaqueTarget.effect(of: saved.rule)))
        }
    }

    private mutating func readMatches(of rule: IptablesRule) throws(Inexpressible) {
        var words = (rule.header + rule.extensions)[...]
        /// The list of `--dports`, until it is known whether the rule also matches an owner.
        var listed: [PortRange] = []
        var transport: TransportProtocol?
        while let word = words.popFirst() {
            let isNegated = word == "!"
            let option = isNegated ? words.popFirst() ?? "" : word
            guard let value = words.popFirst() else { throw Inexpressible() }
            switch (option, isNegated) {
            case ("-m", false): continue
            case ("-p", false):
                transport = try Self.valid(TransportProtocol(rawValue: value))
                known.append(.transport(try Self.valid(transport)))
            case ("-s", _): known.append(.source(try Self.addresses(value, isNegated)))
            case ("-d", _): known.append(.destination(try Self.addresses(value, isNegated)))
            case ("-i", false):
                known.append(.inputInterface(try Self.valid(InterfacePattern(value))))
            case ("-o", false):
                known.append(.outputInterface(try Self.valid(InterfacePattern(value))))
            case ("--dport", false): known.append(.destinationPort(try ports(value)))
            case ("--sport", false): known.append(.sourcePort(try ports(value)))
            case ("--sports", false): known.append(.sourcePort(try ports(value)))
            case ("--dports", false) where listed.isEmpty: listed = try Self.ranges(value)
            case ("--uid-owner", _):
                let users = try Self.users(value)
                if let transport, !listed.isEmpty, !isNegated {
                    known.append(.ownedFlow(flow(transport, listed, users)))
                    listed = []
                } else {
                    guard users.first == users.last else { throw Inexpressible() }
                    known.append(.owner(isNegated ? .isNot(users.first) : .is(users.first)))
                }
            case ("--ctstate", false):
                known.append(
                    .connectionState(
                        try Self.valid(ConnectionState(rawValue: value.lowercased()))))
            case _: throw Inexpressible()
            }
        }
        if !listed.isEmpty { known.append(.destinationPort(test(listed))) }
    }

    private mutating func flow(
        _ transport: TransportProtocol, _ ports: [PortRange], _ owners: UserIDRange
    ) -> SetName {
        let flow = OwnedFlow(protocols: [transport], ports: ports, owners: [owners])
        let set = NamedSet(.unnamed([flow]), .ownedFlows([.init(flow, source: "loaded")]))
        unnamedSets.append(set)
        return set.name
    }

    private mutating func ports(_ text: String) throws(Inexpressible) -> PortTest {
        test(try Self.ranges(text))
    }

    private mutating func test(_ ranges: [PortRange]) -> PortTest {
        if ranges.count == 1, ranges[0].first == ranges[0].last { return .port(ranges[0].first) }
        let set = NamedSet(.unnamed(ranges), .ports(ranges.map { .init($0, source: "loaded") }))
        unnamedSets.append(set)
        return .set(set.name)
    }

    private static func effect(of rule: IptablesRule) throws(Inexpressible) -> ListedRule.Effect {
        guard let option = rule.target.first, let name = rule.target.dropFirst().first else {
            throw Inexpressible()
        }
        let options = Array(rule.target.dropFirst(2))
        switch (name, options.count) {
        case ("RETURN", 0): return .action(.return)
        case ("ACCEPT", 0): return .accept
        case ("DROP", 0): return .action(.drop)
        case ("DOCKER_OUTPUT", 0): return .action(.yieldToDockerDNS)
        case ("REDIRECT", 2) where options[0] == "--to-ports":
            return .action(.redirect(try valid(Port(options[1]))))
        case ("CT", 2) where options[0] == "--zone":
            return .action(.conntrackZone(try valid(UInt16(options[1]))))
        case ("LOG", 2...4): return .action(try log(options))
        case (_, 0):
            // The targets of modules are in capitals, as our chains are.
            guard !modules.contains(name) else { throw Inexpressible() }
            return option == "-g" ? .goto(name) : .jump(name)
        case _: throw Inexpressible()
        }
    }

    /// Targets without options; any other name without options is a chain.
    private static let modules: Set<String> = [
        "QUEUE", "NFQUEUE", "NOTRACK", "TRACE", "MASQUERADE", "REJECT", "REDIRECT", "CT", "LOG",
        "AUDIT", "CHECKSUM", "NFLOG", "CONNSECMARK", "TCPMSS", "TCPOPTSTRIP", "TTL", "HL", "TOS",
        "DSCP", "MARK", "CONNMARK", "CLASSIFY", "SET", "TEE", "TPROXY", "DNAT", "SNAT", "NETMAP",
    ]

    private static func log(_ options: [String]) throws(Inexpressible) -> Action {
        var values: [String: String] = [:]
        for index in stride(from: 0, to: options.count - 1, by: 2) {
            values[options[index]] = options[index + 1]
        }
        guard options.count == 2 * values.count,
            values.keys.allSatisfy({ ["--log-prefix", "--log-level"].contains($0) })
        else { throw Inexpressible() }
        return .log(
            prefix: try valid(values["--log-prefix"].flatMap { LogPrefix(rawValue: $0) }),
            level: try valid(LogLevel(values["--log-level"].flatMap { Int($0) } ?? 4)))
    }

    private static func valid<Value>(_ value: Value?) throws(Inexpressible) -> Value {
        guard let value else { throw Inexpressible() }
        return value
    }

    private static func addresses(
        _ text: String, _ isNegated: Bool
    ) throws(Inexpressible) -> AddressTest {
        let prefix = try valid(IPPrefix(text))
        return isNegated ? .notOf(prefix) : .of(prefix)
    }

    private static func ranges(_ text: String) throws(Inexpressible) -> [PortRange] {
        var ranges: [PortRange] = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: ":").map { Port($0) }
            guard let first = ends.first, let last = ends.last, ends.count <= 2 else {
                throw Inexpressible()
            }
            ranges.append(try valid(PortRange(try valid(first), try valid(last))))
        }
        guard !ranges.isEmpty else { throw Inexpressible() }
        return ranges
    }

    private static func users(_ text: String) throws(Inexpressible) -> UserIDRange {
        let ends = text.split(separator: "-").map { UserID($0) }
        guard let first = ends.first, let last = ends.last, ends.count <= 2 else {
            throw Inexpressible()
        }
        return try valid(UserIDRange(try valid(first), try valid(last)))
    }
}

/// Interprets targets that only foreign rules have.
enum OpaqueTarget {
    /// Targets after which a packet continues unchanged with the next rule.
    private static let neutralTargets: Set<String> = [
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
        case _: return neutralTargets.contains(name) ? .aside : .unknown
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
