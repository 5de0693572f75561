import Addressing
package import RuleIR
import RuleTrace

/// Generates the packets that test a configuration.
package struct PathGenerator {
    let ruleset: Ruleset
    let setting: RehearsalSetting
    private var paths: [RehearsalPath] = []
    private var seen: Set<Packet> = []

    /// Returns the standing paths of both families, then samples of every list of the ruleset.
    package static func paths(
        for ruleset: Ruleset, _ setting: RehearsalSetting
    ) -> [RehearsalPath] {
        var generator = PathGenerator(ruleset: ruleset, setting: setting)
        for family in AddressFamily.allCases {
            generator.addStanding(family)
        }
        generator.addSamples()
        for index in setting.networks.indices {
            generator.addContainer(index)
        }
        return generator.paths
    }

    init(ruleset: Ruleset, setting: RehearsalSetting) {
        self.ruleset = ruleset
        self.setting = setting
    }

    /// Adds a path unless its packet exists already or its destination is a port of the proxy.
    mutating func add(_ name: String, from start: RehearsalPath.Start, _ packet: Packet) {
        let taken = [setting.inboundPort, setting.outboundPort, setting.dnsPort]
        guard !taken.contains(packet.destinationPort), seen.insert(packet).inserted else { return }
        paths.append(RehearsalPath(name, from: start, packet))
    }

    /// Returns a packet of a process of the host.
    func outgoing(
        _ transport: TransportProtocol, owner: UserID, to destination: IPAddress, _ port: Port,
        from source: IPAddress? = nil
    ) -> Packet {
        let host = RehearsalNetwork.addresses(destination.family).host
        let isLocal = destination.isLoopback || destination == host
        // The kernel's source address for a loopback address is the address itself; for 127/8 it is
        // 127.0.0.1.
        let localhost = IPAddress.localhost(destination.family)
        return Packet(
            direction: .outgoing, transport: transport, owner: owner,
            source: source ?? (destination.isLoopback ? localhost : host),
            destination: destination, destinationPort: port,
            interface: isLocal ? .loopback : RehearsalNetwork.interface)
    }

    /// Returns a packet from the other host to the host.
    func incoming(
        _ transport: TransportProtocol, _ family: AddressFamily, _ port: Port,
        from source: IPAddress? = nil
    ) -> Packet {
        let (host, peer) = RehearsalNetwork.addresses(family)
        return Packet(
            direction: .incoming, transport: transport, owner: nil, source: source ?? peer,
            destination: host, destinationPort: port, interface: RehearsalNetwork.interface)
    }
}

extension UserID {
    /// An ordinary user that no configuration names by default.
    static let applicationUser = UserID.nobodyInParticular
}
