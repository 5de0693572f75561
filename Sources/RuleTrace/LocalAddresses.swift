package import Addressing

/// The addresses of the host, which decide which packets use the loopback interface.
package struct LocalAddresses: Hashable, Sendable {
    package struct Entry: Hashable, Sendable {
        package var interface: InterfaceName
        package var address: IPAddress
        /// The length of the interface's prefix; nil if unknown.
        package var prefixLength: Int?

        package init(interface: InterfaceName, address: IPAddress, prefixLength: Int? = nil) {
            self.interface = interface
            self.address = address
            self.prefixLength = prefixLength
        }

        /// The network behind the interface; nil if unknown.
        fileprivate var network: IPPrefix? {
            prefixLength.flatMap { IPPrefix(address, length: $0) }
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

    /// Whether the address is the host's; nil if the host's addresses are unknown.
    package func isLocal(_ address: IPAddress) -> Bool? {
        if contains(address) { return true }
        return entries == nil ? nil : false
    }

    /// Whether the address has one of these types, as `fib` and `addrtype` name them; nil if that
    /// is unknown.
    func hasType(_ address: IPAddress, _ types: Set<String>) -> Bool? {
        if contains(address) { return types.contains("local") }
        if address.isMulticast { return types.contains("multicast") }
        let isLimited = address.family == .ipv4 && address.bits == 0xFFFF_FFFF
        if isLimited { return types.contains("broadcast") }
        guard let entries else {
            return types.isDisjoint(with: ["local", "broadcast", "unicast"]) ? false : nil
        }
        // Only an IPv4 network has a broadcast address.
        let own = entries.filter { $0.address.family == address.family && address.family == .ipv4 }
        if own.contains(where: { $0.network?.broadcast == address }) {
            return types.contains("broadcast")
        }
        let isUnclear = own.contains { $0.prefixLength == nil }
        if isUnclear, types.contains("unicast") != types.contains("broadcast") { return nil }
        return types.contains("unicast")
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

    /// Returns the interface whose network has the address; nil if none is known to.
    func neighbour(of address: IPAddress) -> InterfaceName? {
        (entries ?? []).filter { $0.network?.contains(address) ?? false }
            .max { ($0.prefixLength ?? 0) < ($1.prefixLength ?? 0) }?.interface
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

    /// Whether the address is in `224.0.0.0/4` (RFC 5771) or `ff00::/8` (RFC 4291).
    fileprivate var isMulticast: Bool {
        switch family {
        case .ipv4: bits >> 28 == 0xE
        case .ipv6: bits >> 120 == 0xFF
        }
    }
}

extension IPPrefix {
    /// The address with all host bits set, if the network has one.
    fileprivate var broadcast: IPAddress? { length < 31 ? range.last : nil }
}
