import Addressing
import RuleIR
import RuleTrace

// The effect of the rules on traffic of the host, as determined by `RuleTrace`.
extension Preflight {
    /// Findings about SSH ports whose new connections would be redirected.
    var ssh: [Finding] {
        sshPorts.sorted().filter { port in
            let clients = survey.connections.filter { $0.localPort == port }.map(\.remote)
            let sources =
                clients.isEmpty ? plan.ruleset.families.map(Self.unusedAddress) : clients
            return sources.contains { isRedirectedInbound(from: $0, to: port) }
        }.map { .sshRedirected($0) }
    }

    /// The ports on which SSH accepts connections.
    var sshPorts: Set<Port> {
        Set(
            survey.listeners.filter { listener in
                listener.transport == .tcp && !listener.address.isLoopback
                    && (listener.port == .ssh || listener.program == "sshd"
                        || listener.port == survey.sessionPort)
            }.map(\.port))
    }

    /// Findings about outgoing connections of containers, which arrive on a bridge as if from
    /// outside.
    var containers: [Finding] {
        guard let inbound = plan.inboundPort else { return [] }
        return survey.addresses.compactMap { address in
            guard let network = IPPrefix(address.address, length: address.prefixLength),
                outcomeOfForwarded(address) == .redirected(to: inbound)
            else { return nil }
            return .containersRedirected(address.interface, network, inbound: inbound)
        }
    }

    /// Returns the outcome of a packet from a container behind a bridge to another host; nil if the
    /// host doesn't forward it.
    func outcomeOfForwarded(_ address: PreflightSurvey.Address) -> Explanation.Outcome? {
        let family = address.address.family
        guard address.isOnBridge, survey.forwards.contains(family), !address.address.isLinkLocal
        else { return nil }
        let container = IPAddress(family: family, bits: address.address.bits ^ 3)
        let packet = Packet(
            direction: .incoming, transport: .tcp, owner: nil, source: container,
            destination: Self.unusedAddress(family), destinationPort: .secureWeb,
            interface: address.interface)
        return trace.explain(packet).outcome
    }

    /// Finds a loop: the proxy queries the host's resolver, whose own queries are redirected again.
    var resolver: [Finding] {
        guard let dnsPort = plan.dnsPort else { return [] }
        for resolver in plan.resolvers where resolver.isLoopback && resolver != .dockerResolver {
            let serving = survey.listeners.filter {
                $0.transport == .udp && $0.port == .dns && $0.takes(resolver)
            }
            let upstream =
                plan.resolvers.filter { !$0.isLoopback }
                + plan.ruleset.families.map(Self.unusedAddress)
            for owner in serving.flatMap(\.owners) where owner != plan.proxyUser {
                let isRedirected = upstream.contains { server in
                    let query = Packet(
                        direction: .outgoing, transport: .udp, owner: owner,
                        source: Self.unusedAddress(server.family), destination: server,
                        destinationPort: .dns, interface: .ethernet)
                    return trace.explain(query).outcome == .redirected(to: dnsPort)
                }
                if isRedirected { return [.resolverLoop(resolver: resolver, owner: owner)] }
            }
        }
        return []
    }

    /// Whether a connection from another host would be redirected.
    func isRedirectedInbound(from source: IPAddress, to port: Port) -> Bool {
        let packet = Packet(
            direction: .incoming, transport: .tcp, owner: nil, source: source,
            destination: Self.unusedAddress(source.family), destinationPort: port,
            interface: .ethernet)
        if case .redirected = trace.explain(packet).outcome { return true }
        return false
    }

    /// Returns an address that no host has, in 203.0.113.0/24 (RFC 5737) or 2001:db8::/32 (RFC
    /// 3849).
    static func unusedAddress(_ family: AddressFamily) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(family: .ipv4, bits: 0xCB00_7107)
        case .ipv6: IPAddress(family: .ipv6, bits: 0x2001_0DB8 << 96 | 7)
        }
    }
}

extension PreflightSurvey.Address {
    /// Whether the interface has the usual name of a bridge of Docker, Podman, CNI, libvirt, LXC or
    /// Incus.
    fileprivate var isOnBridge: Bool {
        let name = interface.text
        if ["docker", "podman", "cni", "virbr", "lxcbr", "lxdbr", "incusbr"].contains(where: {
            name.hasPrefix($0) && name.dropFirst($0.count).allSatisfy { $0.isNumber || $0 == "-" }
        }) {
            return true
        }
        if name.hasPrefix("cni-podman") { return true }
        // Docker's other networks: br- and 12 hexadecimal digits.
        return name.hasPrefix("br-") && name.count == 15
            && name.dropFirst(3).allSatisfy(\.isHexDigit)
    }
}

// With virtual networks, the redirect of incoming connections precedes foreign rules, and so those
// that translate published ports to containers.
extension Preflight {
    var virtualNetworks: [Finding] {
        guard let inbound = plan.inboundPort, !plan.virtualNetworks.isEmpty else { return [] }
        let ports = survey.publications.filter { port in
            plan.ruleset.families.contains {
                isRedirectedInbound(from: Self.unusedAddress($0), to: port)
            }
        }
        let networks = plan.virtualNetworks.filter { isRedirectedWithin($0, inbound) }
            .map(\.network)
        guard !ports.isEmpty || !networks.isEmpty else { return [] }
        return [
            .virtualNetworkInbound(
                ports: ports,
                networks: networks.isEmpty ? plan.virtualNetworks.map(\.network) : networks,
                inbound: inbound)
        ]
    }

    /// Whether a connection between two containers is redirected to the inbound listener.
    private func isRedirectedWithin(_ network: PreflightPlan.Network, _ inbound: Port) -> Bool {
        let family = network.network.family
        let range = network.network.range
        guard plan.ruleset.families.contains(family),
            let interface = survey.addresses.map(\.interface).first(
                where: network.interface.matches) ?? InterfaceName(network.interface.stem)
        else { return false }
        return [Port.web, .secureWeb, .service, .syslog].contains { port in
            let packet = Packet(
                direction: .incoming, transport: .tcp, owner: nil, source: range.last,
                destination: range.first, destinationPort: port, interface: interface)
            return trace.explain(packet).outcome == .redirected(to: inbound)
        }
    }
}
