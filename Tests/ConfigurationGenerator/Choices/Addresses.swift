import Addressing
package import Rehearsal

extension ConfigurationGenerator {
    /// Containers' networks of the rehearsal, near which virtual networks are.
    package static let networks: [RehearsalSetting.Network] = [
        ("docker0", "172.17.0.0/16"), ("docker1", "fd00:17::/64"), ("br-1a.2", "10.88.3.0/24"),
        ("cni_podman0", "fd00:88::/48"),
    ].compactMap { name, block in
        guard let interface = InterfaceName(name), let prefix = IPPrefix(block) else { return nil }
        return RehearsalSetting.Network(interface: interface, prefix: prefix)
    }

    /// Blocks that are in use; the last are rare, because they contain everything or nothing.
    private static let blocks: [AddressFamily: [String]] = [
        .ipv4: [
            "10.0.0.0/8", "10.77.0.0/24", "10.88.0.0/16", "172.16.0.0/12", "172.17.0.0/16",
            "192.168.0.0/16", "198.51.100.0/24", "203.0.113.0/24", "203.0.113.64/26",
            "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "128.0.0.0/1", "255.255.255.255",
            "224.0.0.0/4", "0.0.0.0/0",
        ],
        .ipv6: [
            "2001:db8::/32", "2001:db8::/64", "2001:db8::80/121", "fd00:17::/64", "fd00:88::/48",
            "fd00::/8", "fd77::/64", "2000::/3", "8000::/1", "fe80::/10", "::1", "ff00::/8",
            "64:ff9b::/96", "::ffff:0:0/96", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::/0",
        ],
    ]

    /// A list of blocks, some of which are in, beside or around others.
    mutating func addresses() -> [String] {
        var made: [IPPrefix] = []
        return (0..<length()).map { _ in
            let block = chance(50) ? near(made) : nil
            let prefix = block ?? self.block()
            made.append(prefix)
            return text(prefix)
        }
    }

    /// Sometimes with host bits, as users write them, and sometimes two in an item.
    private mutating func text(_ prefix: IPPrefix) -> String {
        guard chance(15) else { return "\(prefix)" }
        let range = prefix.range
        return one(of: [
            "\(prefix.address)/\(prefix.length)", "\(range.last)/\(prefix.length)",
            "\(prefix),\(range.first)",
        ])
    }

    private mutating func block() -> IPPrefix {
        let family: AddressFamily = chance(60) ? .ipv4 : .ipv6
        let known = Self.blocks[family] ?? []
        let text = chance(85) ? one(of: Array(known.dropLast(6))) : one(of: known)
        guard let prefix = IPPrefix(text) else { return IPPrefix(.localhost(family)) }
        return chance(40) ? prefix : part(of: prefix)
    }

    /// The same block, one in it, the one around it, or the one beside it.
    private mutating func near(_ made: [IPPrefix]) -> IPPrefix? {
        guard let other = made.randomElement(using: &random) else { return nil }
        switch number(0...4) {
        case 0: return other
        case 1: return IPPrefix(other.address, length: max(1, other.length - 1))
        case 2: return IPPrefix(next(other.range.last), length: other.length)
        case _: return part(of: other)
        }
    }

    private func next(_ address: IPAddress) -> IPAddress {
        IPAddress(family: address.family, bits: address.bits &+ 1)
    }

    private mutating func part(of prefix: IPPrefix) -> IPPrefix {
        let width = prefix.family.bitWidth
        let length = chance(40) ? width : number(prefix.length...width)
        let low = UInt128(random.next()) << 64 | UInt128(random.next())
        let host = width - prefix.length
        let mask: UInt128 = host >= 128 ? .max : (1 << UInt128(host)) - 1
        // At the edges as often as in the middle.
        let bits = one(of: [0, mask, low & mask])
        let address = IPAddress(family: prefix.family, bits: prefix.address.bits | bits)
        return IPPrefix(address, length: length) ?? prefix
    }

    /// `interface:CIDR`, for existing interfaces, their patterns, and a missing one.
    mutating func virtualNetworks() -> [String] {
        (0..<min(8, length())).map { _ in
            let network = one(of: Self.networks)
            let name = network.interface.text
            let interface = one(of: [
                name, name, String(name.prefix(number(1...name.utf8.count))) + "+", "eth0",
                "absent9",
            ])
            let block: IPPrefix
            switch number(0...9) {
            case 0..<5: block = network.prefix
            case 5: block = one(of: Self.networks).prefix
            case 6..<8:
                block =
                    IPPrefix(
                        network.prefix.address,
                        length: number(max(1, network.prefix.length - 8)...network.prefix.length))
                    ?? network.prefix
            case _: block = self.block()
            }
            return "\(interface):\(block)"
        }
    }

    /// Servers of resolv.conf, each once, as the reader of the host returns them.
    mutating func resolvers() -> [IPAddress] {
        let known = [
            "10.77.0.1", "192.0.2.53", "8.8.8.8", "127.0.0.53", "127.0.0.11", "127.0.0.1",
            "fd77::1", "2001:db8::53", "::1", "10.0.0.10",
        ]
        var found: [IPAddress] = []
        for _ in 0..<one(of: [0, 1, 1, 2, 2, 3, 4]) {
            guard let address = IPAddress(one(of: known)), !found.contains(address) else {
                continue
            }
            found.append(address)
        }
        return found
    }
}
