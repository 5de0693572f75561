import Addressing
import RuleIR

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
        (values.users + [.applicationUser, .root, setting.proxyUser])
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
