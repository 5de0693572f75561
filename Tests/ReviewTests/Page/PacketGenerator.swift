import Addressing
import Rehearsal
import RuleIR
import RuleTrace

/// Packets with the values that a ruleset matches, their neighbours, and others.
struct PacketGenerator {
    private var numbers = SeededGenerator(seed: 20_260)
    private var addresses: [AddressFamily: [IPAddress]] = [:]
    private var ports: [Port] = [.dns, .web, .secureWeb]
    private var owners: [UserID] = [.root, .kumaDefault, .arbitrary]
    private var interfaces: [InterfaceName] = [.loopback, .ethernet]

    init(_ ruleset: Ruleset) {
        for text in ["127.0.0.1", "127.0.0.6", "203.0.113.1", "::1", "::6", "2001:db8::1"] {
            if let address = IPAddress(text) { addresses[address.family, default: []] += [address] }
        }
        for set in ruleset.sets {
            switch set.members {
            case .addresses(let family, let members):
                addresses[family, default: []] += members.flatMap { Self.edges(of: $0.value) }
            case .ports(let members): ports += members.flatMap { Self.edges(of: $0.value) }
            case .ownedFlows(let members):
                ports += members.flatMap { $0.value.ports.flatMap(Self.edges) }
                owners += members.flatMap { $0.value.owners.map(\.first) }
            }
        }
        for match in ruleset.locatedRules.flatMap(\.rule.matches) {
            switch match {
            case .source(let test), .destination(let test):
                guard case .prefix(let prefix) = test.addresses else { continue }
                addresses[prefix.family, default: []] += Self.edges(of: prefix)
            case .sourcePort(.port(let port)), .destinationPort(.port(let port)): ports.append(port)
            case .inputInterface(let pattern), .outputInterface(let pattern):
                if let name = InterfaceName(pattern.stem + (pattern.isWildcard ? "9" : "")) {
                    interfaces.append(name)
                }
            case .family, .transport, .sourcePort, .destinationPort, .owner, .ownedFlow,
                .connectionState:
                continue
            }
        }
    }

    mutating func next() -> Packet {
        let family: AddressFamily = one(of: [.ipv4, .ipv6])
        let choices = addresses[family] ?? []
        let direction: Packet.Direction = one(of: Packet.Direction.allCases)
        let hasSocket = direction == .outgoing && one(of: [true, true, true, false])
        return Packet(
            direction: direction, transport: one(of: TransportProtocol.allCases),
            owner: hasSocket ? one(of: owners) : nil, source: one(of: choices),
            sourcePort: one(of: [true, false]) ? one(of: ports) : nil,
            destination: one(of: choices), destinationPort: one(of: ports),
            interface: one(of: interfaces))
    }

    private mutating func one<Element>(of choices: [Element]) -> Element {
        choices[Int.random(in: choices.indices, using: &numbers)]
    }

    /// The ends, and the neighbours outside.
    private static func edges(of prefix: IPPrefix) -> [IPAddress] {
        let (first, last) = (prefix.range.first, prefix.range.last)
        return [
            first, last, IPAddress(family: prefix.family, bits: first.bits &- 1),
            IPAddress(family: prefix.family, bits: last.bits &+ 1),
        ]
    }

    private static func edges(of range: PortRange) -> [Port] {
        let numbers = [Int(range.first.number), Int(range.last.number)]
        return [numbers[0] - 1, numbers[0], numbers[1], numbers[1] + 1].compactMap { Port($0) }
    }
}
