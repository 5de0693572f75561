import Addressing
import RuleIR
import RuleTrace

/// The packets that the rules redirect to one listener on one path, as samples.
struct RedirectedFlow {
    struct Sample {
        /// The packet after the redirect, at each hook where filter chains see it.
        var stations: [FilterPacket]
        /// The same packet without the rules, for several ports.
        var originals: [FilterPacket]
    }

    var target: FirewallObstacle.Target
    var family: AddressFamily
    var samples: [Sample]
}

extension Preflight {
    /// The maximum number of interfaces, addresses and ports to try.
    private static let maximumSamples = 16

    var redirectedFlows: [RedirectedFlow] {
        plan.ruleset.families.flatMap { family in
            incomingFlows(family) + outgoingFlows(family)
        }
    }

    private func role(of port: Port) -> ProxyPort {
        if port == plan.inboundPort { return ProxyPort(.inbound, port) }
        return ProxyPort(port == plan.dnsPort ? .dns : .outbound, port)
    }

    /// Ports that matter: those of the rules, of firewalls and of listeners.
    private var interestingPorts: [Port] {
        var ports: [Port] = [.web, .secureWeb, .ssh, .service]
        for set in plan.ruleset.sets {
            if case .ports(let members) = set.members { ports += members.map(\.value.first) }
        }
        for table in survey.filters {
            for set in table.sets {
                if case .ports(let members) = set.members { ports += members.map(\.value.first) }
            }
            for rule in table.chains.flatMap(\.rules) {
                for case .destinationPort(.port(let port)) in rule.matches { ports.append(port) }
                for case .destinationPort(let ranges) in rule.conditions.map(\.subject) {
                    ports += ranges.map(\.first)
                }
            }
        }
        ports += survey.listeners.map(\.port)
        var seen: Set<Port> = []
        return Array(ports.filter { seen.insert($0).inserted }.prefix(4 * Self.maximumSamples))
    }

    /// Returns an address that no host has, and one of each block that a firewall distinguishes.
    private func clients(_ family: AddressFamily) -> [IPAddress] {
        var found = [Self.unusedAddress(family)]
        for table in survey.filters {
            for rule in table.chains.flatMap(\.rules) {
                for case .source(let test) in rule.matches where !test.isNegated {
                    let blocks = test.blocks(table.sets).filter {
                        $0.family == family && !$0.range.last.isLoopback && $0.length > 0
                    }
                    found += blocks.prefix(1).map(\.range.last)
                }
            }
        }
        return Array(found.prefix(Self.maximumSamples))
    }

    /// Returns the packets that arrive on each interface, to this host and forwarded.
    private func incomingFlows(_ family: AddressFamily) -> [RedirectedFlow] {
        let places = survey.addresses.filter {
            $0.address.family == family && !$0.isLoopback && !$0.address.isLinkLocal
        }
        var flows: [RedirectedFlow] = []
        for place in places.prefix(Self.maximumSamples) {
            for transport in TransportProtocol.allCases {
                // Forwarded packets are redirected only from containers.
                let isOfContainers = plan.virtualNetworks.contains {
                    $0.interface.matches(place.interface)
                }
                let foreign = isOfContainers ? [Self.unusedAddress(family)] : []
                for destination in [place.address] + foreign {
                    flows += flow(by: place, transport, to: destination, family).map { [$0] } ?? []
                }
            }
        }
        return flows
    }

    private func flow(
        by place: PreflightSurvey.Address, _ transport: TransportProtocol,
        to destination: IPAddress, _ family: AddressFamily
    ) -> RedirectedFlow? {
        let ports = transport == .udp ? [.dns] : interestingPorts
        func packet(_ source: IPAddress, _ port: Port) -> Packet {
            Packet(
                direction: .incoming, transport: transport, owner: nil, source: source,
                sourcePort: .ephemeral, destination: destination, destinationPort: port,
                interface: place.interface)
        }
        var listener: Port?
        var redirectedPorts: [Port] = []
        for port in ports {
            guard
                case .redirected(let to) = trace.explain(packet(Self.unusedAddress(family), port))
                    .outcome
            else { continue }
            listener = listener ?? to
            redirectedPorts.append(port)
        }
        guard let listener else { return nil }
        let samples = clients(family).map { client in
            var redirected = packet(client, listener)
            redirected.destination = place.address
            return RedirectedFlow.Sample(
                stations: [
                    FilterPacket(
                        redirected, on: .prerouting, minimumPriority: Stage.nat.priority + 1),
                    FilterPacket(redirected, on: .input),
                ],
                originals: redirectedPorts.map { port in
                    FilterPacket(packet(client, port), on: .input, isRedirected: false)
                })
        }
        return RedirectedFlow(
            target: .init(role(of: listener), transport), family: family, samples: samples)
    }

    /// Returns the packets that an application of this host sends.
    ///
    /// They leave by the network interface to which they were routed before the redirect, and
    /// arrive on loopback.
    private func outgoingFlows(_ family: AddressFamily) -> [RedirectedFlow] {
        guard
            let place = survey.addresses.first(where: {
                $0.address.family == family && !$0.isLoopback && !$0.address.isLinkLocal
            })
        else { return [] }
        let servers = plan.resolvers.filter { $0.family == family } + [Self.unusedAddress(family)]
        var flows: [RedirectedFlow] = []
        for transport in TransportProtocol.allCases {
            for server in transport == .udp ? servers : [Self.unusedAddress(family)] {
                let ports =
                    transport == .udp ? [Port.dns] : interestingPorts.filter { $0 != .dns } + [.dns]
                var packetsByListener: [Port: [Packet]] = [:]
                for port in ports {
                    let packet = Packet(
                        direction: .outgoing, transport: transport, owner: .arbitrary,
                        source: server.isLoopback ? .localhost(family) : place.address,
                        sourcePort: .ephemeral, destination: server, destinationPort: port,
                        interface: server.isLoopback ? .loopback : place.interface)
                    if case .redirected(let to) = trace.explain(packet).outcome {
                        packetsByListener[to, default: []].append(packet)
                    }
                }
                flows += packetsByListener.sorted { $0.key < $1.key }.compactMap {
                    listener, packets in
                    packets.first.map { flow(to: listener, $0, packets) }
                }
            }
        }
        return flows
    }

    private func flow(to listener: Port, _ first: Packet, _ all: [Packet]) -> RedirectedFlow {
        var leaving = first
        leaving.destination = .localhost(first.family)
        leaving.destinationPort = listener
        var arriving = leaving
        arriving.direction = .incoming
        arriving.interface = .loopback
        arriving.owner = nil
        let afterNAT = Stage.nat.priority + 1
        return RedirectedFlow(
            target: .init(role(of: listener), first.transport), family: first.family,
            samples: [
                .init(
                    stations: [
                        FilterPacket(leaving, on: .output, minimumPriority: afterNAT),
                        FilterPacket(arriving, on: .prerouting),
                        FilterPacket(arriving, on: .input),
                    ],
                    originals: all.map { FilterPacket($0, on: .output, isRedirected: false) })
            ])
    }
}

extension AddressTest {
    /// Returns the blocks of the match; none for a set that wasn't read.
    fileprivate func blocks(_ sets: [NamedSet]) -> [IPPrefix] {
        switch addresses {
        case .prefix(let prefix): return [prefix]
        case .set(let name, _):
            guard case .addresses(_, let members) = sets.first(where: { $0.name == name })?.members
            else { return [] }
            return members.map(\.value)
        }
    }
}
