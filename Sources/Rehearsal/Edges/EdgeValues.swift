import Addressing
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
