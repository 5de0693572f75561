package import Addressing

// The addresses of a rehearsal, and the namespaces that have them.
extension RehearsalNetwork {
    /// Returns the addresses of the host and of the other host on the cable between them.
    package static func addresses(_ family: AddressFamily) -> (host: IPAddress, peer: IPAddress) {
        let network = cable(family).address
        return (network.advanced(by: 2), network.advanced(by: 1))
    }

    /// Returns 10.77.0.0/24 or fd77::/64.
    static func cable(_ family: AddressFamily) -> IPPrefix {
        switch family {
        case .ipv4: block(.ipv4, 0x0A4D_0000, 24)
        case .ipv6: block(.ipv6, 0xFD77 << 112, 64)
        }
    }

    private static func block(_ family: AddressFamily, _ bits: UInt128, _ length: Int) -> IPPrefix {
        let address = IPAddress(family: family, bits: bits)
        return IPPrefix(address, length: length) ?? IPPrefix(address)
    }

    /// Returns the holder of an address; nil if no packet can be sent to or from it.
    func holder(of address: IPAddress) -> RehearsalPath.Start? {
        Self.holder(of: address, among: networks)
    }

    package static func holder(
        of address: IPAddress, among networks: [RehearsalSetting.Network]
    ) -> RehearsalPath.Start? {
        let (host, peer) = addresses(address.family)
        // The broadcast addresses of 127.0.0.0/8 accept no connections.
        if address.family == .ipv4, [0x7F00_0000, 0x7FFF_FFFF].contains(address.bits) {
            return nil
        }
        if address.isLoopback || address == host
            || networks.contains(where: { $0.hostAddress == address })
        {
            return .host
        }
        if let index = networks.firstIndex(where: { $0.containerAddress == address }) {
            return .container(index)
        }
        if address == peer { return .peer }
        let isUnreachable =
            address.isSpecial || cable(address.family).contains(address)
            || networks.contains { $0.prefix.contains(address) }
        return isUnreachable ? nil : .peer
    }

    /// Returns the block with all addresses of a family.
    static func everything(_ family: AddressFamily) -> IPPrefix {
        block(family, 0, 0)
    }
}
