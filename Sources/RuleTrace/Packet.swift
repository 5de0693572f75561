package import Addressing
package import RuleIR

/// A packet, reduced to what rules can match.
package struct Packet: Hashable, Sendable {
    package enum Direction: String, Hashable, Sendable, CaseIterable {
        /// The packet arrives on an interface (hook prerouting).
        case incoming
        /// A process of this host sends the packet (hook output).
        case outgoing
    }

    package var direction: Direction
    package var transport: TransportProtocol
    /// The owner of the sending socket; nil if there is none, as for every incoming packet.
    package var owner: UserID?
    package var source: IPAddress
    package var sourcePort: Port?
    package var destination: IPAddress
    package var destinationPort: Port
    /// The interface on which an incoming packet arrives, or to which an outgoing one is routed.
    ///
    /// A packet to an address of the host is routed to the loopback interface.
    package var interface: InterfaceName
    /// The conntrack state; `new` for the first packet of a connection, the only one that nat
    /// chains see.
    package var connectionState: ConnectionState

    package init(
        direction: Direction, transport: TransportProtocol, owner: UserID?, source: IPAddress,
        sourcePort: Port? = nil, destination: IPAddress, destinationPort: Port,
        interface: InterfaceName, connectionState: ConnectionState = .new
    ) {
        self.direction = direction
        self.transport = transport
        self.owner = owner
        self.source = source
        self.sourcePort = sourcePort
        self.destination = destination
        self.destinationPort = destinationPort
        self.interface = interface
        self.connectionState = connectionState
    }

    package var family: AddressFamily { destination.family }

    /// The first hook that the packet reaches.
    package var hook: Hook {
        switch direction {
        case .incoming: .prerouting
        case .outgoing: .output
        }
    }
}

/// The addresses in a packet whose sender uses addresses that never appear in packets.
///
/// A connection to `0.0.0.0` or `::` is one to this host (`ip_route_output_key_hash_rcu`,
/// `tcp_v6_connect`). One to `::ffff:a.b.c.d` uses IPv4 (RFC 4291 section 2.5.5.2).
package struct WireAddress: Hashable, Sendable {
    package var source: IPAddress?
    package var destination: IPAddress

    package init(from source: IPAddress?, to destination: IPAddress) {
        var source = source?.unmapped
        let target = destination.unmapped
        if target.family != destination.family, source == .unspecified(.ipv6) {
            source = .unspecified(.ipv4)
        }
        self.source = source
        self.destination = target
        guard target == .unspecified(target.family) else { return }
        // With IPv4 the destination is the socket's own address, if it is bound to one.
        let chosen = source.flatMap { $0 == .unspecified(.ipv4) ? nil : $0 }
        self.destination =
            target.family == .ipv4 ? chosen ?? .localhost(.ipv4) : .localhost(.ipv6)
    }
}

extension IPAddress {
    /// The IPv4 address in an IPv4-mapped address; any other address unchanged.
    package var unmapped: IPAddress {
        guard family == .ipv6, bits >> 32 == 0xFFFF else { return self }
        return IPAddress(family: .ipv4, bits: bits)
    }
}

extension IPPrefix {
    /// The IPv4 block in a block of IPv4-mapped addresses; any other block unchanged.
    package var unmapped: IPPrefix {
        guard length >= 96 else { return self }
        let address = address.unmapped
        guard address.family != family else { return self }
        return IPPrefix(address, length: length - 96) ?? self
    }
}
