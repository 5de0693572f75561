import Addressing
import JSON
import RuleIR

/// Reads the match statements of one rule, in order.
struct MatchReader {
    private(set) var matches: [Match] = []
    private(set) var unnamedSets: [NamedSet] = []
    private var transport: TransportProtocol?
    /// Owners that were matched; the IR has them only together with a port, which must follow.
    private var owners: UserIDRange?

    /// Whether `matches` has everything that was read.
    var isComplete: Bool { owners == nil }

    /// Takes over the anonymous sets that a copy of this reader has read.
    mutating func adopt(setsOf other: MatchReader) {
        unnamedSets = other.unnamedSets
    }

    /// Reads one match; returns false and changes nothing if the IR can't express it.
    mutating func read(_ match: JSONValue) -> Bool {
        guard let listed = ListedMatch(match) else { return false }
        let (left, right, isNegated) = (listed.left, listed.right, listed.isNegated)
        if let payload = left["payload"] {
            return read(
                payload["protocol"]?.string ?? "", payload["field"]?.string ?? "", isNegated,
                right)
        }
        // The IR negates addresses and owners only, and owners differently from nft.
        guard !isNegated else { return false }
        if let transport = TransportProtocol.allCases.first(where: {
            left == NftOperand.ownedFlow($0, inIntervals: false).json
        }) {
            return readFlow(transport, right)
        }
        if left == NftOperand.owner.json, let range = right.users, range.first != range.last {
            guard owners == nil else { return false }
            owners = range
            return true
        }
        guard let read = value(of: left, right) else { return false }
        if case .transport(let named) = read { transport = named }
        matches.append(read)
        return true
    }

    /// Returns a match of metadata or conntrack.
    private func value(of left: JSONValue, _ right: JSONValue) -> Match? {
        if left == Self.flowWithProtocol { return right.setName.map { .ownedFlow($0) } }
        if left["ct"] == ["key": "state"] {
            return right.string.flatMap { ConnectionState(rawValue: $0) }.map {
                .connectionState($0)
            }
        }
        switch left["meta"]?["key"]?.string {
        case "nfproto":
            return right.string.flatMap { AddressFamily(rawValue: $0) }.map { .family($0) }
        case "l4proto": return right.transport.map { .transport($0) }
        case "iifname", "iif": return right.interface.map { .inputInterface($0) }
        case "oifname", "oif": return right.interface.map { .outputInterface($0) }
        case "skuid": return right.number.flatMap { UserID($0) }.map { .owner(.is($0)) }
        case _: return nil
        }
    }

    /// `meta skuid . meta l4proto . th dport`, which versions up to 0.1 loaded.
    private static let flowWithProtocol: JSONValue = [
        "concat": [
            ["meta": ["key": "skuid"]], ["meta": ["key": "l4proto"]],
            ["payload": ["protocol": "th", "field": "dport"]],
        ]
    ]

    /// Reads owner and port of one protocol; the set must be for it, or have a foreign name.
    private mutating func readFlow(_ named: TransportProtocol, _ right: JSONValue) -> Bool {
        guard let set = right.setName, TransportProtocol.those(ofSet: set.text).contains(named)
        else { return false }
        if transport != named { matches.append(.transport(named)) }
        transport = named
        matches.append(.ownedFlow(set))
        return true
    }

    /// Reads a match of a header field.
    private mutating func read(
        _ header: String, _ field: String, _ isNegated: Bool, _ right: JSONValue
    ) -> Bool {
        let family: AddressFamily? = header == "ip" ? .ipv4 : header == "ip6" ? .ipv6 : nil
        switch (family, field) {
        case (let family?, "saddr"):
            guard let test = addresses(right, family, isNegated) else { return false }
            matches.append(.source(test))
        case (let family?, "daddr"):
            guard let test = addresses(right, family, isNegated) else { return false }
            matches.append(.destination(test))
        case (let family?, "protocol"), (let family?, "nexthdr"):
            guard !isNegated, let named = right.transport else { return false }
            transport = named
            matches += [.family(family), .transport(named)]
        case (nil, "sport"), (nil, "dport"):
            return readPort(header, field, isNegated, right)
        case _: return false
        }
        return true
    }

    private mutating func readPort(
        _ header: String, _ field: String, _ isNegated: Bool, _ right: JSONValue
    ) -> Bool {
        guard !isNegated,
            let named = header == "th" ? transport : TransportProtocol(rawValue: header)
        else { return false }
        if let owners, field == "dport", let range = right.ports {
            if transport != named { matches.append(.transport(named)) }
            transport = named
            let flow = OwnedFlow(protocols: [named], ports: [range], owners: [owners])
            let set = NamedSet(.unnamed([flow]), .ownedFlows([.init(flow, source: "loaded")]))
            unnamedSets.append(set)
            matches.append(.ownedFlow(set.name))
            self.owners = nil
            return true
        }
        guard let test = ports(right) else { return false }
        if transport != named { matches.append(.transport(named)) }
        transport = named
        matches.append(field == "sport" ? .sourcePort(test) : .destinationPort(test))
        return true
    }

    private mutating func addresses(
        _ right: JSONValue, _ family: AddressFamily, _ isNegated: Bool
    ) -> AddressTest? {
        if let name = right.setName {
            return AddressTest(addresses: .set(name, family), isNegated: isNegated)
        }
        let items = right["set"]?.array ?? [right]
        let ranges = items.compactMap(\.addresses)
        guard ranges.count == items.count, ranges.allSatisfy({ $0.family == family }) else {
            return nil
        }
        if ranges.count == 1, let prefix = ranges[0].prefix {
            return AddressTest(addresses: .prefix(prefix), isNegated: isNegated)
        }
        guard let prefixes = ranges.prefixes else { return nil }
        let set = NamedSet(
            .unnamed(prefixes), .addresses(family, prefixes.map { .init($0, source: "loaded") }))
        unnamedSets.append(set)
        return AddressTest(addresses: .set(set.name, family), isNegated: isNegated)
    }

    private mutating func ports(_ right: JSONValue) -> PortTest? {
        if let name = right.setName { return .set(name) }
        let items = right["set"]?.array ?? [right]
        let ranges = items.compactMap(\.ports)
        guard ranges.count == items.count else { return nil }
        if ranges.count == 1, ranges[0].first == ranges[0].last { return .port(ranges[0].first) }
        let set = NamedSet(.unnamed(ranges), .ports(ranges.map { .init($0, source: "loaded") }))
        unnamedSets.append(set)
        return .set(set.name)
    }
}
