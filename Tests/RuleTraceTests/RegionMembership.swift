import Addressing
import RuleTrace

extension PacketRegion {
    /// Whether a packet of the pattern is in the region, by what the region says in values.
    func contains(_ packet: Packet) -> Bool {
        directions.contains(packet.direction) && families.contains(packet.family)
            && transports.contains(packet.transport)
            && Self.holds(source) { $0.contains(packet.source) }
            && Self.holds(sourcePort) { range in packet.sourcePort.map(range.contains) ?? false }
            && Self.holds(destination) { $0.contains(packet.destination) }
            && Self.holds(destinationPort) { $0.contains(packet.destinationPort) }
            && Self.holds(owner) { owner in
                switch owner {
                case .users(let range): packet.owner.map(range.contains) ?? false
                case .nobody: packet.owner == nil
                }
            } && holdsInterface(of: packet)
    }

    /// The narrowest pattern that takes the name decides.
    private func holdsInterface(of packet: Packet) -> Bool {
        guard let interface else { return true }
        let narrowest = (interface.listed + interface.except)
            .filter { $0.matches(packet.interface) }
            .max { left, right in left.includes(right) && left != right }
        return (narrowest.map(interface.listed.contains) ?? false) != interface.isNegated
    }

    private static func holds<Value>(
        _ values: Values<Value>?, _ contains: (Value) -> Bool
    ) -> Bool {
        guard let values else { return true }
        return values.listed.contains(where: contains) != values.isNegated
    }
}
