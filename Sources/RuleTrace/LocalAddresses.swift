package import Addressing

/// The addresses of the host, which decide which packets use the loopback interface.
package struct LocalAddresses: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var interface: InterfaceName
        package var address: IPAddress

        package init(interface: InterfaceName, address: IPAddress) {
            self.interface = interface
            self.address = address
        }
    }

    package var loopback: InterfaceName
    /// The addresses of interfaces other than loopback; nil if unknown.
    package var entries: [Entry]?

    package init(loopback: InterfaceName, entries: [Entry]?) {
        self.loopback = loopback
        self.entries = entries
    }

    /// Whether the address is known to be the host's.
    package func contains(_ address: IPAddress) -> Bool {
        address.isLoopback || (entries ?? []).contains { $0.address == address }
    }

    /// Returns the address of an interface to which a redirect in prerouting sends a packet, if
    /// known.
    ///
    /// It is the first address; for IPv6, the first in the scope of the packet's destination
    /// (`nf_nat_redirect_ipv6`).
    package func redirectTarget(
        on interface: InterfaceName, for destination: IPAddress
    ) -> IPAddress? {
        (entries ?? []).first {
            $0.interface == interface && $0.address.family == destination.family
                && $0.address.isLinkLocal == destination.isLinkLocal
        }?.address
    }

    /// Returns the interface of an outgoing packet: loopback, or the first other interface.
    package func route(to destination: IPAddress) -> InterfaceName {
        contains(destination) ? loopback : firstInterface
    }

    /// Returns the interface on which a packet to `destination` arrives by default.
    package func arrival(for destination: IPAddress) -> InterfaceName {
        (entries ?? []).first { $0.address == destination && $0.interface != loopback }?.interface
            ?? firstInterface
    }

    /// The first interface except loopback, which packets to other hosts use.
    var firstInterface: InterfaceName {
        (entries ?? []).first { $0.interface != loopback }?.interface ?? .ethernet
    }
}

extension IPAddress {
    /// Whether the address is in `fe80::/10` (RFC 4291); false for IPv4.
    fileprivate var isLinkLocal: Bool { family == .ipv6 && bits >> 118 == 0x3FA }
}
