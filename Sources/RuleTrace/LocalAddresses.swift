package import Addressing

/// Which addresses are the host's own, and so which packets go over its loopback interface.
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
    /// Other than those of loopback; nil when nobody knows.
    package var entries: [Entry]?

    package init(loopback: InterfaceName, entries: [Entry]?) {
        self.loopback = loopback
        self.entries = entries
    }

    /// Whether the address is known to be the host's.
    package func contains(_ address: IPAddress) -> Bool {
        address.isLoopback || (entries ?? []).contains { $0.address == address }
    }

    /// The address of an interface that a redirect in prerouting sends a packet to, if it is known.
    ///
    /// The first one; with IPv6, the first of the scope that the packet was sent to
    /// (`nf_nat_redirect_ipv6`).
    package func redirectTarget(
        on interface: InterfaceName, for destination: IPAddress
    ) -> IPAddress? {
        (entries ?? []).first {
            $0.interface == interface && $0.address.family == destination.family
                && $0.address.isLinkLocal == destination.isLinkLocal
        }?.address
    }

    /// Where an outgoing packet is routed to: loopback, or the first interface that isn't.
    package func route(to destination: IPAddress) -> InterfaceName {
        contains(destination) ? loopback : firstInterface
    }

    /// Where a packet to `destination` arrives, when nobody says otherwise.
    package func arrival(for destination: IPAddress) -> InterfaceName {
        (entries ?? []).first { $0.address == destination && $0.interface != loopback }?.interface
            ?? firstInterface
    }

    /// The first that isn't loopback, where anything goes that doesn't stay here.
    var firstInterface: InterfaceName {
        (entries ?? []).first { $0.interface != loopback }?.interface ?? .ethernet
    }
}

extension IPAddress {
    /// Whether the address is in `fe80::/10` (RFC 4291); of IPv4, none counts.
    fileprivate var isLinkLocal: Bool { family == .ipv6 && bits >> 118 == 0x3FA }
}
