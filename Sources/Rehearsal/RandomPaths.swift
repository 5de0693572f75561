import Addressing
package import RuleIR
import RuleTrace

/// Random packets, most of them with values in or next to those that rules match.
package struct RandomPaths {
    /// The ports of senders; those of listeners are lower, so that the two don't collide.
    private static let senderPorts: ClosedRange<UInt16> = 30_000...60_999

    private let generator: PathGenerator
    private let values: MatchedValues
    private var random: SeededGenerator
    private var sent = 0

    /// Returns `count` paths, equal for equal rules, setting and seed.
    package static func paths(
        _ count: Int, for ruleset: Ruleset, _ setting: RehearsalSetting, seed: UInt64
    ) -> [RehearsalPath] {
        var paths = RandomPaths(ruleset, setting, SeededGenerator(seed: seed))
        let first = paths.acquaintances().prefix(count)
        return first + (first.count..<count).map { _ in paths.next() }
    }

    private init(
        _ ruleset: Ruleset, _ setting: RehearsalSetting, _ random: SeededGenerator
    ) {
        generator = PathGenerator(ruleset: ruleset, setting: setting)
        values = MatchedValues(ruleset, setting)
        self.random = random
    }

    /// Returns a packet from each host to the next, with their own addresses.
    ///
    /// With another source address, IPv6 can't query a neighbour before duplicate address detection
    /// of its link-local address has ended (RFC 4862 section 5.4), which takes a second; with its
    /// own it can.
    private mutating func acquaintances() -> [RehearsalPath] {
        var packets: [(RehearsalPath.Start, Packet)] = []
        for family in AddressFamily.allCases {
            packets.append((.peer, generator.incoming(.tcp, family, .ssh)))
            packets.append(
                (
                    .host,
                    generator.outgoing(
                        .tcp, owner: .applicationUser, to: .documentation(family), .web)
                ))
        }
        for (index, network) in generator.setting.networks.enumerated() {
            packets.append((.container(index), Self.packet(.tcp, in: network, .service)))
        }
        return packets.map { start, packet in path(from: start, packet) }
    }

    /// Returns a packet from a container to the host.
    private static func packet(
        _ transport: TransportProtocol, in network: RehearsalSetting.Network, _ port: Port,
        to destination: IPAddress? = nil
    ) -> Packet {
        Packet(
            direction: .incoming, transport: transport, owner: nil,
            source: network.containerAddress, destination: destination ?? network.hostAddress,
            destinationPort: port, interface: network.interface)
    }

    private mutating func path(
        from start: RehearsalPath.Start, _ packet: Packet
    ) -> RehearsalPath {
        var numbered = packet
        numbered.sourcePort = senderPort()
        return RehearsalPath("random packet \(sent)", from: start, numbered)
    }

    private mutating func next() -> RehearsalPath {
        let family = choose(AddressFamily.allCases) ?? .ipv4
        let transport: TransportProtocol = Int.random(in: 0..<3, using: &random) > 0 ? .tcp : .udp
        let (start, packet) = packet(transport, family)
        return path(from: start, packet)
    }

    private mutating func packet(
        _ transport: TransportProtocol, _ family: AddressFamily
    ) -> (RehearsalPath.Start, Packet) {
        let networks = generator.setting.networks.enumerated().filter {
            $0.element.prefix.family == family
        }
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<2:
            return (
                .peer, generator.incoming(transport, family, port(), from: address(family))
            )
        case 2..<4:
            guard let (index, network) = choose(Array(networks)) else { break }
            let isToHost = Int.random(in: 0..<4, using: &random) == 0
            return (
                .container(index),
                Self.packet(
                    transport, in: network, port(), to: isToHost ? nil : address(family))
            )
        case _: break
        }
        let owner = choose(values.users) ?? .applicationUser
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return (.host, toItself(transport, family, owner))
        case 1 where generator.ruleset.hasPassthroughSource(family):
            let own = RehearsalNetwork.addresses(family).host
            return (
                .host,
                generator.outgoing(
                    transport, owner: owner, to: own, port(), from: .passthroughSource(family))
            )
        case 2:
            let resolvers = generator.setting.resolvers.filter { $0.family == family }
            let server = choose(resolvers) ?? address(family)
            return (.host, generator.outgoing(.udp, owner: owner, to: server, .dns))
        case _:
            return (
                .host, generator.outgoing(transport, owner: owner, to: address(family), port())
            )
        }
    }

    /// Returns a packet to localhost, another loopback address, or the host's own.
    private mutating func toItself(
        _ transport: TransportProtocol, _ family: AddressFamily, _ owner: UserID
    ) -> Packet {
        var targets = [IPAddress.localhost(family), RehearsalNetwork.addresses(family).host]
        if family == .ipv4 { targets.append(IPAddress.localhost(family).advanced(by: 1)) }
        return generator.outgoing(
            transport, owner: owner, to: choose(targets) ?? targets[0], port())
    }

    private mutating func address(_ family: AddressFamily) -> IPAddress {
        let matched = values.addresses[family] ?? []
        if Int.random(in: 0..<3, using: &random) > 0, let address = choose(matched) {
            return address
        }
        return IPAddress.documentation(family).advanced(by: UInt128(random.next() % 200))
    }

    private mutating func port() -> Port {
        if Int.random(in: 0..<3, using: &random) > 0, let port = choose(values.ports) {
            return port
        }
        var port: Port?
        while port.map(values.taken.contains) ?? true {
            port = Port(UInt16.random(in: 1..<Self.senderPorts.lowerBound, using: &random))
        }
        return port ?? .web
    }

    /// Returns a new port: conntrack would assign a second packet to the flow of the first.
    private mutating func senderPort() -> Port? {
        defer { sent += 1 }
        let number = Int(Self.senderPorts.lowerBound) + sent % Self.senderPorts.count
        return Port(number)
    }

    private mutating func choose<Value>(_ values: [Value]) -> Value? {
        values.randomElement(using: &random)
    }
}

/// Generates random numbers that depend only on the seed (SplitMix64).
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
