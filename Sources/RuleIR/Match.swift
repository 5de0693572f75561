package import Addressing

/// A condition on a packet that both nftables and iptables can express.
///
/// All matches of a rule must hold.
package enum Match: Hashable, Sendable {
    /// The family: `meta nfproto`; in iptables, the document that holds the rule.
    case family(AddressFamily)
    /// The transport protocol: `meta l4proto`, `-p`.
    case transport(TransportProtocol)
    /// The source: `ip saddr`, `ip6 saddr`, `-s`. Holds only for packets of the address's family.
    case source(AddressTest)
    /// The destination: `ip daddr`, `ip6 daddr`, `-d`.
    ///
    /// Holds only for packets of the address's family.
    case destination(AddressTest)
    /// The source port: `th sport`, `--sport`. Needs a `transport` match before it.
    case sourcePort(PortTest)
    /// The destination port: `th dport`, `--dport`. Needs a `transport` match before it.
    case destinationPort(PortTest)
    /// The incoming interface: `iifname`, `-i`. Prerouting only.
    case inputInterface(InterfacePattern)
    /// The outgoing interface: `oifname`, `-o`. Output only.
    case outputInterface(InterfacePattern)
    /// The owner of the socket. A packet without a socket has none. Output only.
    case owner(OwnerTest)
    /// An element of the set has the packet's transport, destination port and owner. Output only.
    case ownedFlow(SetName)
    /// The packet's conntrack state. Not in the raw table, which runs before conntrack.
    case connectionState(ConnectionState)
}

/// A test whether an address is in a prefix or a set, or is not.
package struct AddressTest: Hashable, Sendable {
    package enum Addresses: Hashable, Sendable {
        case prefix(IPPrefix)
        case set(SetName, AddressFamily)
    }

    package var addresses: Addresses
    /// Whether the test is negated: `! -d`, `!=`.
    ///
    /// A packet of the other family matches neither way.
    package var isNegated: Bool

    package init(addresses: Addresses, isNegated: Bool) {
        self.addresses = addresses
        self.isNegated = isNegated
    }

    package static func of(_ prefix: IPPrefix) -> Self {
        Self(addresses: .prefix(prefix), isNegated: false)
    }

    package static func notOf(_ prefix: IPPrefix) -> Self {
        Self(addresses: .prefix(prefix), isNegated: true)
    }

    package static func inSet(_ name: SetName, _ family: AddressFamily) -> Self {
        Self(addresses: .set(name, family), isNegated: false)
    }

    package static func notInSet(_ name: SetName, _ family: AddressFamily) -> Self {
        Self(addresses: .set(name, family), isNegated: true)
    }

    package var family: AddressFamily {
        switch addresses {
        case .prefix(let prefix): prefix.family
        case .set(_, let family): family
        }
    }
}

/// A test of a port against a number or a set.
package enum PortTest: Hashable, Sendable {
    case port(Port)
    case set(SetName)
}

/// A test of the owner of the socket that sent a packet.
package enum OwnerTest: Hashable, Sendable {
    /// There is a socket, and this user owns it.
    case `is`(UserID)
    /// This user doesn't own the socket, or there is no socket (kernel RSTs, kernel sockets).
    ///
    /// These are the semantics of iptables' `! --uid-owner`. nftables' `skuid !=` needs a socket,
    /// so that backend uses another construction.
    case isNot(UserID)
}

/// The state that conntrack assigns to a packet.
package enum ConnectionState: String, Hashable, Sendable, CaseIterable {
    /// The packet creates a conntrack entry.
    case new
    /// The packet belongs to an existing conntrack entry.
    case established
    /// The packet belongs to no connection: out of window, or not a possible first packet.
    case invalid
}
