package import Addressing
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
    static let applicationUser = UserID.arbitrary
}

extension PathGenerator {
    /// Adds the paths that every configuration affects.
    mutating func addStanding(_ family: AddressFamily) {
        let far = IPAddress(
            family: family,
            bits: family == .ipv4 ? 0xC633_6407 : 0x2001_0DB8 << 96 | 0x6407)  // RFC 5737, RFC 3849
        let own = RehearsalNetwork.addresses(family).host
        let localhost = IPAddress.localhost(family)
        let app = UserID.applicationUser
        let proxy = setting.proxyUser
        let version = family.displayName

        func out(_ name: String, _ packet: Packet) {
            add("\(version) \(name)", from: .host, packet)
        }
        out("app to another host", outgoing(.tcp, owner: app, to: far, .web))
        out("root to another host", outgoing(.tcp, owner: .root, to: far, .secureWeb))
        out("proxy to another host", outgoing(.tcp, owner: proxy, to: far, .web))
        out("app to localhost", outgoing(.tcp, owner: app, to: localhost, .web))
        out("proxy to localhost", outgoing(.tcp, owner: proxy, to: localhost, .web))
        out("app to own address", outgoing(.tcp, owner: app, to: own, .web))
        out("proxy to own address", outgoing(.tcp, owner: proxy, to: own, .web))
        if family == .ipv4 {
            let other = localhost.advanced(by: 1)
            out("app to 127.0.0.2", outgoing(.tcp, owner: app, to: other, .web))
            out("proxy to 127.0.0.2", outgoing(.tcp, owner: proxy, to: other, .web))
        }
        if ruleset.hasPassthroughSource(family) {
            let passthrough = IPAddress.passthroughSource(family)
            out(
                "proxy's hop to the app, from \(passthrough)",
                outgoing(.tcp, owner: proxy, to: own, .web, from: passthrough))
        }
        out("app UDP to another host", outgoing(.udp, owner: app, to: far, .syslog))
        addDNS(family, far: far)
        addIncoming(family)
    }

    private mutating func addDNS(_ family: AddressFamily, far: IPAddress) {
        let version = family.displayName
        let resolver = setting.resolvers.first { $0.family == family }
        for (name, server) in [("a resolver", resolver), ("another server", far)] {
            guard let server else { continue }
            for (who, user) in [("app", UserID.applicationUser), ("proxy", setting.proxyUser)] {
                for transport in TransportProtocol.allCases {
                    let words = transport == .udp ? "DNS" : "DNS over TCP"
                    add(
                        "\(version) \(who) \(words) to \(name)", from: .host,
                        outgoing(transport, owner: user, to: server, .dns))
                }
            }
        }
    }

    private mutating func addIncoming(_ family: AddressFamily) {
        let version = family.displayName
        add("\(version) incoming to a service", from: .peer, incoming(.tcp, family, .service))
        add("\(version) incoming to SSH", from: .peer, incoming(.tcp, family, .ssh))
        add("\(version) incoming UDP", from: .peer, incoming(.udp, family, .syslog))
        add("\(version) incoming DNS", from: .peer, incoming(.udp, family, .dns))
    }

    /// Adds the packets of a container.
    mutating func addContainer(_ index: Int) {
        let network = setting.networks[index]
        let name = "container on \(network.interface)"
        let family = network.prefix.family
        let far = IPAddress(
            family: family, bits: family == .ipv4 ? 0xC633_6408 : 0x2001_0DB8 << 96 | 0x6408)
        func packet(_ transport: TransportProtocol, to address: IPAddress, _ port: Port) -> Packet {
            Packet(
                direction: .incoming, transport: transport, owner: nil,
                source: network.containerAddress, destination: address, destinationPort: port,
                interface: network.interface)
        }
        let start = RehearsalPath.Start.container(index)
        add("\(name) to another host", from: start, packet(.tcp, to: far, .web))
        add("\(name) to the host", from: start, packet(.tcp, to: network.hostAddress, .service))
        add("\(name) DNS", from: start, packet(.udp, to: far, .dns))
        add("\(name) UDP", from: start, packet(.udp, to: far, .syslog))
        for set in ruleset.sets where set.name.text.hasPrefix("outbound_excluded") {
            switch set.members {
            case .addresses(family, let members):
                guard let first = members.first?.value else { continue }
                add(
                    "\(name) to an excluded address", from: start,
                    packet(.tcp, to: first.address, .web))
            case .ports(let members):
                guard let first = members.first?.value.first else { continue }
                add("\(name) to an excluded port", from: start, packet(.tcp, to: far, first))
            case .addresses, .ownedFlows: continue
            }
        }
    }
}

extension Ruleset {
    /// Whether a packet can have the source 127.0.0.6 or ::6; no packet has ::6 without the address.
    package func hasPassthroughSource(_ family: AddressFamily) -> Bool {
        family == .ipv4 || !prerequisites.loopbackAddresses.isEmpty
    }
}
