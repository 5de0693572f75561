import Addressing
package import Rehearsal
package import RuleIR
import RuleTrace

/// Packets at the edges of a ruleset's matches, and random ones.
///
/// All of them can be sent: their addresses exist in the rehearsal.
package struct EdgePaths {
    private let setting: RehearsalSetting
    private let ruleset: Ruleset
    private var choice: EdgeChoice
    private var seen: Set<Packet> = []

    /// Returns `count` paths, equal for equal rules, setting and seed.
    package static func paths(
        _ count: Int, for ruleset: Ruleset, _ setting: RehearsalSetting, seed: UInt64
    ) -> [RehearsalPath] {
        var paths = EdgePaths(ruleset, setting, SeededGenerator(seed: seed))
        // First some at each edge, then combinations of edges.
        var found = paths.atEdges().prefix(count * 2 / 3)
        var misses = 0
        while found.count < count, misses < 10_000 {
            if let path = paths.randomPath() { found.append(path) } else { misses += 1 }
        }
        return Array(found)
    }

    private init(_ ruleset: Ruleset, _ setting: RehearsalSetting, _ random: SeededGenerator) {
        self.setting = setting
        self.ruleset = ruleset
        choice = EdgeChoice(EdgeValues(ruleset, setting), setting, random)
    }

    /// Returns packets for each edge, in random order, alternating between the kinds of edges.
    private mutating func atEdges() -> [RehearsalPath] {
        let kinds = [atPorts(), atAddresses(), atFlows(), atUsers()].map { paths in
            choice.shuffled(paths.compactMap(\.self))
        }
        let longest = kinds.map(\.count).max() ?? 0
        return (0..<longest).flatMap { index in
            kinds.compactMap { $0.indices.contains(index) ? $0[index] : nil }
        }
    }

    private mutating func atPorts() -> [RehearsalPath?] {
        choice.values.ports.flatMap { port in
            [
                outgoing(.tcp, owner: .arbitrary, to: choice.far(choice.family()), port),
                outgoing(.udp, owner: choice.user(), to: choice.far(choice.family()), port),
                incoming(.tcp, from: choice.far(choice.family()), port),
                forwarded(.tcp, choice.family(), to: choice.target(choice.family()), port),
            ]
        }
    }

    private mutating func atAddresses() -> [RehearsalPath?] {
        choice.values.addresses.values.joined().sorted().flatMap { address in
            [
                outgoing(.tcp, owner: .arbitrary, to: address, choice.plainPort()),
                outgoing(.udp, owner: choice.user(), to: address, .dns),
                outgoing(choice.transport(), owner: choice.user(), to: address, choice.port()),
                incoming(.tcp, from: address, choice.plainPort()),
                incoming(choice.transport(), from: address, choice.port()),
                forwarded(choice.transport(), address.family, to: address, choice.plainPort()),
            ]
        }
    }

    /// Combines each edge of the ports with an owner, and each edge of the owners with a port.
    private mutating func atFlows() -> [RehearsalPath?] {
        choice.values.flows.flatMap { flow -> [RehearsalPath?] in
            let ports = flow.ports.flatMap(EdgeValues.edges)
            let owners = flow.owners.flatMap(EdgeValues.edges)
            let inner = (
                ports: flow.ports.flatMap { [$0.first, $0.last] },
                owners: flow.owners.flatMap { [$0.first, $0.last] }
            )
            let sent =
                ports.map { ($0, choice.one(of: inner.owners) ?? .root) }
                + owners.map { (choice.one(of: inner.ports) ?? .web, $0) }
            return sent.map { port, owner in
                let listed = choice.one(of: flow.protocols) ?? .tcp
                let isListed = !choice.oneIn(5)
                return outgoing(
                    isListed ? listed : choice.transport(), owner: owner,
                    to: isListed ? choice.far(choice.family()) : choice.target(choice.family()),
                    port)
            }
        }
    }

    private mutating func atUsers() -> [RehearsalPath?] {
        choice.values.users.flatMap { owner in
            [
                outgoing(.tcp, owner: owner, to: choice.own(choice.family()), choice.plainPort()),
                outgoing(.udp, owner: owner, to: choice.target(choice.family()), .dns),
                outgoing(
                    choice.transport(), owner: owner, to: choice.far(choice.family()),
                    choice.plainPort()),
            ]
        }
    }

    private mutating func randomPath() -> RehearsalPath? {
        let (transport, family) = (choice.transport(), choice.family())
        switch choice.number(below: 10) {
        case 0..<2: return incoming(transport, from: choice.target(family), choice.port())
        case 2..<4:
            return forwarded(
                transport, family, to: choice.oneIn(2) ? choice.target(family) : nil, choice.port())
        case 4:
            return outgoing(transport, owner: choice.user(), to: choice.own(family), choice.port())
        case 5: return hop(transport, family)
        case 6: return outgoing(.udp, owner: choice.user(), to: choice.target(family), .dns)
        case _:
            return outgoing(
                transport, owner: choice.user(), to: choice.target(family), choice.port())
        }
    }

    // Packets; nil for one that can't be sent or is already included.

    private mutating func outgoing(
        _ transport: TransportProtocol, owner: UserID, to destination: IPAddress, _ port: Port,
        from source: IPAddress? = nil
    ) -> RehearsalPath? {
        let isHere = RehearsalNetwork.holder(of: destination, among: setting.networks) == .host
        let usual =
            destination.isLoopback
            ? IPAddress.localhost(destination.family)
            : RehearsalNetwork.addresses(destination.family).host
        return path(
            from: .host,
            Packet(
                direction: .outgoing, transport: transport, owner: owner, source: source ?? usual,
                destination: destination, destinationPort: port,
                interface: isHere ? .loopback : interface(towards: destination)))
    }

    /// Returns the interface through which a packet of the host leaves.
    private func interface(towards destination: IPAddress) -> InterfaceName {
        setting.networks.first { $0.prefix.contains(destination) }?.interface
            ?? RehearsalNetwork.interface
    }

    /// Returns the proxy's connection to the application, from any owner.
    private mutating func hop(
        _ transport: TransportProtocol, _ family: AddressFamily
    ) -> RehearsalPath? {
        guard ruleset.hasPassthroughSource(family) else { return nil }
        return outgoing(
            transport, owner: choice.user(), to: RehearsalNetwork.addresses(family).host,
            choice.port(),
            from: .passthroughSource(family))
    }

    /// Returns a packet from the other host, with any source, to the host or a container.
    private mutating func incoming(
        _ transport: TransportProtocol, from source: IPAddress, _ port: Port
    ) -> RehearsalPath? {
        guard RehearsalNetwork.holder(of: source, among: setting.networks) == .peer else {
            return nil
        }
        let networks = setting.networks.filter { $0.prefix.family == source.family }
        let host = RehearsalNetwork.addresses(source.family).host
        let others = networks.map(\.hostAddress) + networks.map(\.containerAddress)
        let isPlain = !choice.oneIn(4)
        return path(
            from: .peer,
            Packet(
                direction: .incoming, transport: transport, owner: nil, source: source,
                destination: isPlain ? host : choice.one(of: others) ?? host,
                destinationPort: port, interface: RehearsalNetwork.interface))
    }

    /// Returns a packet from a container; `destination` nil is the host's address in its network.
    private mutating func forwarded(
        _ transport: TransportProtocol, _ family: AddressFamily, to destination: IPAddress?,
        _ port: Port
    ) -> RehearsalPath? {
        let networks = setting.networks.enumerated().filter {
            $0.element.prefix.family == destination?.family ?? family
        }
        guard let (index, network) = choice.one(of: networks),
            destination?.isLoopback != true, destination != network.containerAddress
        else { return nil }
        return path(
            from: .container(index),
            Packet(
                direction: .incoming, transport: transport, owner: nil,
                source: network.containerAddress, destination: destination ?? network.hostAddress,
                destinationPort: port, interface: network.interface))
    }

    private mutating func path(
        from start: RehearsalPath.Start, _ packet: Packet
    ) -> RehearsalPath? {
        guard let holder = RehearsalNetwork.holder(of: packet.destination, among: setting.networks)
        else { return nil }
        // No other program can listen on the proxy's ports.
        let taken = [setting.inboundPort, setting.outboundPort, setting.dnsPort]
        guard holder != .host || !taken.contains(packet.destinationPort),
            seen.insert(packet).inserted
        else { return nil }
        return RehearsalPath("packet \(seen.count)", from: start, packet)
    }
}
