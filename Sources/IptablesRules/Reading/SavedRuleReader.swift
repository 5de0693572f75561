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
        let rule = saved.rule
        entry = .native(OpaqueRule(text: saved.line, comment: rule.comment))
        do {
            try readMatches(of: rule)
            entry = .readable(
                ListedRule(
                    matches: known, effect: try Self.effect(of: rule), comment: rule.comment,
                    rationale: IptablesComment.rationale(rule.comment)))
        } catch {
            let read = SavedConditions(of: rule, asMatches: true)
            entry = .native(
                OpaqueRule(
                    text: saved.line, comment: rule.comment, matches: read.matches,
                    conditions: read.conditions, isComplete: read.isComplete,
                    changes: SavedMark.changes(of: rule),
                    effect: (try? Self.effect(of: rule)).map { .known($0) }
                        ?? OpaqueTarget.effect(of: rule)))
            unnamedSets = read.unnamedSets
        }
    }

    private init() {
        entry = .native(OpaqueRule(text: "", comment: nil))
    }

    /// Returns the matches of a rule if all of them are matches of the IR.
    static func matches(
        of rule: IptablesRule
    ) -> (matches: [Match], unnamedSets: [NamedSet])? {
        var reader = SavedRuleReader()
        do {
            try reader.readMatches(of: rule)
            return (reader.known, reader.unnamedSets)
        } catch {
            return nil
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
        "TCPOPTSTRIP", "TTL", "HL", "TOS", "DSCP", "CLASSIFY", "RATEEST", "LED", "MARK",
        "CONNMARK",
    ]

    static func effect(of rule: IptablesRule) -> OpaqueRule.Effect {
        guard let name = rule.target.dropFirst().first else { return .aside }
        let options = Array(rule.target.dropFirst(2))
        switch name {
        case "RETURN": return .known(.action(.return))
        case "ACCEPT": return .known(.accept)
        case "DROP", "REJECT": return .known(.action(.drop))
        // They change the source address and end the chain.
        case "MASQUERADE", "SNAT": return .known(.accept)
        case "DNAT" where options.first == "--to-destination" && isPlain(options):
            return translation(options[1])
        case "REDIRECT" where options.first == "--to-ports" && isPlain(options):
            return redirection(options[1])
        // A helper looks into the packets of a connection and leaves their path alone.
        case "CT" where options.count == 2 && options[0] == "--helper": return .aside
        case _: return neutralTargets.contains(name) ? .aside : .unknown
        }
    }

    /// Whether the options after the destination don't change it.
    private static func isPlain(_ options: [String]) -> Bool {
        options.count >= 2
            && options.dropFirst(2).allSatisfy {
                ["--random", "--persistent", "--random-fully"].contains($0)
            }
    }

    /// The maximum number of destinations of one rule.
    private static let maximum = 256

    /// Parses `10.0.0.1`, `10.0.0.1:80`, `[fd00::1]:80`, `:80` and ranges such as
    /// `10.0.0.1-10.0.0.3:80-81`.
    private static func translation(_ text: String) -> OpaqueRule.Effect {
        var (host, ports): (Substring, [Port?]) = (text[...], [nil])
        let isAddress = IPAddress(text) != nil || addresses(text[...]) != nil
        if !isAddress, let colon = text.lastIndex(of: ":") {
            guard let range = self.ports(text[text.index(after: colon)...]) else {
                return .unknown
            }
            (host, ports) = (text[..<colon], range)
        }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
        guard let addresses = bare.isEmpty ? [nil] : self.addresses(bare),
            addresses.count * ports.count <= maximum
        else { return .unknown }
        return choice(
            addresses.flatMap { one in ports.map { .translate(to: one, $0) } })
    }

    private static func redirection(_ text: String) -> OpaqueRule.Effect {
        let ports = self.ports(text[...]) ?? []
        return choice(ports.compactMap { $0.map { .known(.action(.redirect($0))) } })
    }

    private static func choice(_ effects: [OpaqueRule.Effect]) -> OpaqueRule.Effect {
        guard let first = effects.first else { return .unknown }
        return effects.count == 1 ? first : .oneOf(effects)
    }

    /// The addresses of `10.0.0.1` or `10.0.0.1-10.0.0.3`; nil if there are too many.
    private static func addresses(_ text: Substring) -> [IPAddress?]? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false)
            .map { IPAddress(String($0)) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
            let range = AddressRange(first, last), last.bits - first.bits < UInt128(maximum)
        else { return nil }
        return (0...(range.last.bits - range.first.bits)).map {
            IPAddress(family: range.family, bits: range.first.bits + $0)
        }
    }

    private static func ports(_ text: Substring) -> [Port?]? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Port($0) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
            first <= last, Int(last.number) - Int(first.number) < maximum
        else { return nil }
        return (first.number...last.number).map { Port($0) }
    }
}
