import Addressing
import Rehearsal
import RuleIR

/// The edges of a ruleset's matches: for each edge, one value inside and one outside.
struct EdgeValues {
    /// The maximum number of edges of one list; of a longer list, only its beginning and end are
    /// used.
    private static let most = 60

    private(set) var ports: [Port] = []
    private(set) var users: [UserID] = []
    private(set) var addresses: [AddressFamily: [IPAddress]] = [:]
    private(set) var flows: [OwnedFlow] = []

    init(_ ruleset: Ruleset, _ setting: RehearsalSetting) {
        for port in [setting.inboundPort, setting.outboundPort, setting.dnsPort, .dns] {
            ports += Self.edges(of: PortRange(port))
        }
        users = Self.edges(of: UserIDRange(setting.proxyUser))
        for set in ruleset.sets { add(set) }
        for (_, rule) in ruleset.locatedRules {
            for match in rule.matches { add(match) }
        }
        ports = Array(Set(ports)).sorted()
        users = Array(Set(users)).sorted()
        addresses = addresses.mapValues { Array(Set($0)).sorted() }
    }

    private mutating func add(_ set: NamedSet) {
        switch set.members {
        case .addresses(_, let members):
            for member in Self.ends(members) { add(member.value) }
        case .ports(let members):
            ports += Self.ends(members).flatMap { Self.edges(of: $0.value) }
        case .ownedFlows(let members):
            flows += Self.ends(members).map(\.value)
            for flow in Self.ends(members).map(\.value) {
                ports += Self.ends(flow.ports).flatMap(Self.edges)
                users += Self.ends(flow.owners).flatMap(Self.edges)
            }
        }
    }

    private mutating func add(_ match: Match) {
        switch match {
        case .source(let test), .destination(let test):
            if case .prefix(let prefix) = test.addresses { add(prefix) }
        case .sourcePort, .destinationPort, .owner, .ownedFlow, .family, .transport,
            .inputInterface, .outputInterface, .connectionState:
            break
        }
    }

    private mutating func add(_ prefix: IPPrefix) {
        let range = prefix.range
        let edges = [
            range.first.advanced(by: .max), range.first, range.last, range.last.advanced(by: 1),
        ]
        addresses[prefix.family, default: []] += edges
    }

    static func edges(of range: PortRange) -> [Port] {
        let (first, last) = (Int(range.first.number), Int(range.last.number))
        return Array(Set([first - 1, first, last, last + 1])).sorted().compactMap { Port($0) }
    }

    static func edges(of range: UserIDRange) -> [UserID] {
        let (first, last) = (Int(range.first.number), Int(range.last.number))
        return Array(Set([first - 1, first, last, last + 1])).sorted().compactMap { UserID($0) }
    }

    private static func ends<Value>(_ values: [Value]) -> [Value] {
        guard values.count > most else { return values }
        return Array(values.prefix(most / 2) + values.suffix(most / 2))
    }
}

/// Chooses values of packets: some at an edge of a match, some that rules rarely match.
struct EdgeChoice {
    let values: EdgeValues
    let setting: RehearsalSetting
    private(set) var random: SeededGenerator

    init(_ values: EdgeValues, _ setting: RehearsalSetting, _ random: SeededGenerator) {
        self.values = values
        self.setting = setting
        self.random = random
    }

    /// Returns true in one of `count` cases.
    mutating func oneIn(_ count: Int) -> Bool { Int.random(in: 0..<count, using: &random) == 0 }

    mutating func number(below count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    mutating func one<Value>(of values: [Value]) -> Value? {
        values.randomElement(using: &random)
    }

    mutating func shuffled<Value>(_ values: [Value]) -> [Value] {
        values.shuffled(using: &random)
    }

    mutating func transport() -> TransportProtocol {
        Int.random(in: 0..<3, using: &random) > 0 ? .tcp : .udp
    }

    mutating func family() -> AddressFamily {
        Int.random(in: 0..<5, using: &random) > 1 ? .ipv4 : .ipv6
    }

    mutating func user() -> UserID {
        (values.users + [.arbitrary, .root, setting.proxyUser])
            .randomElement(using: &random) ?? .root
    }

    mutating func port() -> Port {
        Int.random(in: 0..<3, using: &random) > 0
            ? values.ports.randomElement(using: &random) ?? .web
            : Port(UInt16.random(in: 1..<45_000, using: &random)) ?? .web
    }

    /// Returns a port that rules rarely match, so that another match decides.
    mutating func plainPort() -> Port {
        Port(UInt16.random(in: 20_000..<29_000, using: &random)) ?? .web
    }

    mutating func target(_ family: AddressFamily) -> IPAddress {
        switch Int.random(in: 0..<6, using: &random) {
        case 0..<3: values.addresses[family]?.randomElement(using: &random) ?? far(family)
        case 3:
            setting.resolvers.filter { $0.family == family }.randomElement(using: &random)
                ?? far(family)
        case 4: own(family)
        case _: far(family)
        }
    }

    /// Returns an address that rules rarely match.
    mutating func far(_ family: AddressFamily) -> IPAddress {
        IPAddress.documentation(family).advanced(by: UInt128(random.next() % 200))
    }

    /// Returns an address of the host or a container.
    mutating func own(_ family: AddressFamily) -> IPAddress {
        let localhost = IPAddress.localhost(family)
        let networks = setting.networks.filter { $0.prefix.family == family }
        var addresses = [localhost, RehearsalNetwork.addresses(family).host]
        if family == .ipv4 { addresses.append(localhost.advanced(by: 1)) }
        addresses += networks.map(\.hostAddress) + networks.map(\.containerAddress)
        return addresses.randomElement(using: &random) ?? localhost
    }
}
