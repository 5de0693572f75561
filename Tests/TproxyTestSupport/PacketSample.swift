package import Addressing
package import RuleIR
package import RuleTrace

/// Enough packets to distinguish two rulesets: each address of the rules and some others, in every
/// role, with ports, owners and interfaces that scenarios name and some that none does.
package enum PacketSample {
    private static let ports: [UInt32] = [22, 25, 53, 80, 443, 3306, 8005, 9005]
    private static let users: [UInt32?] = [nil, 0, 1500, 1650, 1700, 1750, 5678, 1_000_680_000]

    package static func packets(
        _ family: AddressFamily, for ruleset: Ruleset
    ) throws -> [Packet] {
        var addresses =
            family == .ipv4
            ? ["203.0.113.1", "127.0.0.1", "127.0.0.2", "10.9.1.1", "172.17.0.9", "192.168.7.7"]
            : ["2001:db8::1", "::1", "fd00:7::1", "fd00:9::1"]
        for set in ruleset.sets {
            guard case .addresses(family, let members) = set.members else { continue }
            addresses += members.map { "\($0.value.address)" }
        }
        var packets: [Packet] = []
        for address in addresses {
            for port in ports {
                for transport in TransportProtocol.allCases {
                    for user in users {
                        packets.append(try .out(transport, to: address, port, uid: user))
                        packets.append(
                            try .out(transport, to: address, port, uid: user, via: "lo"))
                    }
                    for interface in ["eth0", "docker0", "br-1"] {
                        packets.append(try .in(transport, to: address, port, on: interface))
                        packets.append(
                            try .in(
                                transport, from: address, sourcePort: 53, to: addresses[0], port,
                                on: interface))
                    }
                }
            }
        }
        return packets
    }
}
