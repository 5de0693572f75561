import Addressing
package import RuleTrace

extension PacketRegion {
    /// Whether a packet of the pattern is in the region, by the region's values.
    package func contains(_ packet: Packet) -> Bool {
        states.contains(packet.connectionState)
            && directions.contains(packet.direction) && families.contains(packet.family)
            && transports.contains(packet.transport)
            && Self.holds(source) { $0.contains(packet.source) }
            && Self.holds(sourcePort) { range in packet.sourcePort.map(range.contains) ?? false }
            && Self.holds(destination) { $0.contains(packet.destination) }
            && Self.holds(destinationPort) { $0.contains(packet.destinationPort) }
            && Self.holds(owner) { owner in
                switch owner {
                case .users(let range): packet.owner.map(range.contains) ?? false
                case .noSocket: packet.owner == nil
                }
            } && holdsInterface(of: packet)
    }

    /// The narrowest pattern that matches the name decides.
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

extension RuleTrace {
    /// Contradictions between regions and packets: every packet must be in exactly one region, and
    /// its rule and outcome must be the region's.
    package func disagreementsOfRegions(
        on addresses: LocalAddresses, with packets: [Packet]
    ) throws -> [String] {
        let answer = try answer(PacketPattern(), on: addresses)
        var found: [String] = []
        for packet in packets {
            let parts = answer.parts.filter { $0.regions.contains { $0.contains(packet) } }
            let count = answer.parts.flatMap(\.regions).count { $0.contains(packet) }
            let explanation = explain(packet)
            if count != 1 { found.append("\(packet) is in \(count) regions") }
            if parts.first?.outcome != explanation.outcome
                || parts.first?.decisive != explanation.decisive?.rule
            {
                found.append("\(packet) has another outcome than its region")
            }
            if !Set(explanation.doubts).isSubset(of: parts.first?.doubts ?? []) {
                found.append("\(packet) has doubts that its region lacks")
            }
        }
        for part in answer.parts {
            let explanation = explain(part.witness)
            if explanation.outcome != part.outcome || explanation.decisive?.rule != part.decisive {
                found.append(
                    "\(part.witness) has another outcome than the region of which it is the witness"
                )
            }
        }
        return found
    }
}
