package import Addressing

/// A condition on a packet.
///
/// A rule's conditions must all hold.
///
/// The cases are what nftables and iptables can both express.
package enum Match: Hashable, Sendable {
    /// `meta nfproto`; in iptables, which of the two documents the rule stands in.
    case family(AddressFamily)
    /// `meta l4proto`, `-p`.
    case transport(TransportProtocol)
    /// `ip saddr`, `ip6 saddr`, `-s`. Holds only for packets of the address's family.
    case source(AddressTest)
    /// `ip daddr`, `ip6 daddr`, `-d`. Holds only for packets of the address's family.
    case destination(AddressTest)
    /// `th sport`, `--sport`. Needs a `transport` match before it.
    case sourcePort(PortTest)
    /// `th dport`, `--dport`. Needs a `transport` match before it.
    case destinationPort(PortTest)
    /// `iifname`, `-i`. Prerouting only.
    case inputInterface(InterfacePattern)
    /// `oifname`, `-o`. Output only.
    case outputInterface(InterfacePattern)
    /// The socket's owner. A packet without a socket has none. Output only.
    case owner(OwnerTest)
    /// The packet's transport, destination port and owner are those of a member. Output only.
    case ownedFlow(SetName)
    /// What conntrack makes of the packet. Not in the raw table, which runs before conntrack.
    case connectionState(ConnectionState)
}

/// Whether an address is, or isn't, one of those meant.
package struct AddressTest: Hashable, Sendable {
    package enum Addresses: Hashable, Sendable {
        case prefix(IPPrefix)
        case set(SetName, AddressFamily)
    }

    package var addresses: Addresses
    /// True for `! -d`, `!=`.
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

/// The ports that are meant.
package enum PortTest: Hashable, Sendable {
    case port(Port)
    case set(SetName)
}

/// A question about the owner of the socket that sent a packet.
package enum OwnerTest: Hashable, Sendable {
    /// There is a socket and this user owns it.
    case `is`(UserID)
    /// This user doesn't own the socket, or there is no socket (kernel RSTs, kernel sockets).
    ///
    /// This is what iptables' `! --uid-owner` means. nftables' `skuid !=` needs a socket, so that
    /// backend must find another way.
    case isNot(UserID)
}

/// A state that conntrack gives a packet.
package enum ConnectionState: String, Hashable, Sendable {
    /// The packet begins a connection.
    case new
    /// The packet belongs to a known connection.
    case established
    /// The packet fits no connection: out of window, or not a possible first packet.
    case invalid
}
