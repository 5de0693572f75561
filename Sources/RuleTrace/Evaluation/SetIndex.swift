import Addressing
import RuleIR

/// Indexes the sets of a ruleset for fast lookups.
struct SetIndex: Sendable {
    private var members: [SetName: NamedSet.Members] = [:]
    private var addresses: [SetName: [AddressRange]] = [:]
    private var ports: [SetName: [PortRange]] = [:]

    init(_ sets: [NamedSet]) {
        for set in sets {
            members[set.name] = set.members
            switch set.members {
            case .addresses(_, let members):
                addresses[set.name] = AddressRange.merging(members.map(\.value.range))
            case .ports(let members):
                ports[set.name] = PortRange.merging(members.map(\.value))
            case .ownedFlows: break
            }
        }
    }

    func holds(_ match: Match, for packet: Packet) -> Bool {
        switch match {
        case .family(let family): packet.family == family
        case .transport(let transport): packet.transport == transport
        case .source(let test): holds(test, for: packet.source)
        case .destination(let test): holds(test, for: packet.destination)
        case .sourcePort(let test): packet.sourcePort.map { holds(test, for: $0) } ?? false
        case .destinationPort(let test): holds(test, for: packet.destinationPort)
        case .inputInterface(let pattern):
            packet.direction == .incoming && pattern.matches(packet.interface)
        case .outputInterface(let pattern):
            packet.direction == .outgoing && pattern.matches(packet.interface)
        case .owner(.is(let user)): packet.owner == user
        case .owner(.isNot(let user)): packet.owner != user
        case .ownedFlow(let name): ownedFlow(name, for: packet) != nil
        case .connectionState(let state): packet.connectionState == state
        }
    }

    /// Whether the match holds; a packet of the other family never matches, even a negated match.
    private func holds(_ test: AddressTest, for address: IPAddress) -> Bool {
        guard test.family == address.family else { return false }
        let isIn =
            switch test.addresses {
            case .prefix(let prefix): prefix.contains(address)
            case .set(let name, _):
                Self.contains(addresses[name] ?? [], below: { address < $0.first }) {
                    $0.contains(address)
                }
            }
        return isIn != test.isNegated
    }

    private func holds(_ test: PortTest, for port: Port) -> Bool {
        switch test {
        case .port(let wanted): port == wanted
        case .set(let name):
            Self.contains(ports[name] ?? [], below: { port < $0.first }) { $0.contains(port) }
        }
    }

    /// Returns the addresses of a set as sorted ranges, none of which touch.
    func ranges(ofAddresses name: SetName) -> [AddressRange] { addresses[name] ?? [] }

    /// Returns the ports of a set as sorted ranges, none of which touch.
    func ranges(ofPorts name: SetName) -> [PortRange] { ports[name] ?? [] }

    func ownedFlows(_ name: SetName) -> [OwnedFlow] {
        guard case .ownedFlows(let members) = members[name] else { return [] }
        return members.map(\.value)
    }

    /// Returns the configuration path of the element for which one of the matches on a set holds.
    func member(of matches: [Match], for packet: Packet) -> String? {
        for match in matches {
            switch match {
            case .source(let test):
                if let source = member(of: test, for: packet.source) { return source }
            case .destination(let test):
                if let source = member(of: test, for: packet.destination) { return source }
            case .sourcePort(let test):
                if let port = packet.sourcePort, let source = member(of: test, for: port) {
                    return source
                }
            case .destinationPort(let test):
                if let source = member(of: test, for: packet.destinationPort) { return source }
            case .ownedFlow(let name):
                if let source = ownedFlow(name, for: packet) { return source }
            case .family, .transport, .inputInterface, .outputInterface, .owner, .connectionState:
                continue
            }
        }
        return nil
    }

    private func member(of test: AddressTest, for address: IPAddress) -> String? {
        guard !test.isNegated, case .set(let name, _) = test.addresses,
            case .addresses(_, let members) = members[name]
        else { return nil }
        return members.first { $0.value.contains(address) }?.source
    }

    private func member(of test: PortTest, for port: Port) -> String? {
        guard case .set(let name) = test, case .ports(let members) = members[name] else {
            return nil
        }
        return members.first { $0.value.contains(port) }?.source
    }

    private func ownedFlow(_ name: SetName, for packet: Packet) -> String? {
        guard let owner = packet.owner, case .ownedFlows(let members) = members[name] else {
            return nil
        }
        return members.first {
            $0.value.contains(packet.transport, port: packet.destinationPort, owner: owner)
        }?.source
    }

    /// Searches sorted, disjoint ranges by bisection.
    private static func contains<Range>(
        _ ranges: [Range], below: (Range) -> Bool, holds: (Range) -> Bool
    ) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if below(ranges[middle]) { high = middle } else { low = middle + 1 }
        }
        return low > 0 && holds(ranges[low - 1])
    }
}
