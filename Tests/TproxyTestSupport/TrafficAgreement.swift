import Addressing
package import Rehearsal
import RuleIR
package import RuleTrace

extension TrafficChanges {
    /// Contradictions between the changes and one packet, given what both rulesets do to it.
    package func disagreements(on packet: Packet, _ before: Explanation, _ after: Explanation)
        -> [String]
    {
        var aspects = [(before.treatment, after.treatment)]
        // A conntrack zone is that of the first packet.
        if packet.connectionState == .new {
            aspects.append((.zone(before.conntrackZone), .zone(after.conntrackZone)))
        }
        return aspects.flatMap { former, new -> [String] in
            let about = changes.filter { $0.before == former && $0.pattern.contains(packet) }
            let what = "\(packet): \(former) → \(new)"
            if former == new { return about.map { "\(what), but the change says \($0)" } }
            if about.isEmpty { return ["\(what) is in no change"] }
            return about.filter { $0.after != new }.map { "\(what), but the change says \($0)" }
        }
    }
}

extension RuleTrace {
    /// Contradictions between the changes to `after` and packets, and those of their examples.
    package func disagreementsOfTraffic(
        to after: RuleTrace, on addresses: LocalAddresses, with packets: [Packet]
    ) throws -> [String] {
        let traffic = try trafficChanges(to: after, on: addresses)
        var found = packets.flatMap {
            traffic.disagreements(on: $0, explain($0), after.explain($0))
        }
        for change in traffic.changes {
            let (former, new) = (explain(change.example), after.explain(change.example))
            let treatments: [(Treatment, Treatment)] = [
                (former.treatment, new.treatment),
                (.zone(former.conntrackZone), .zone(new.conntrackZone)),
            ]
            if !treatments.contains(where: { $0 == (change.before, change.after) }) {
                found.append("\(change) has an example that isn't treated so")
            }
            if !change.pattern.contains(change.example) {
                found.append("\(change) has an example that isn't in its pattern")
            }
        }
        return found
    }

    /// Contradictions between proofs and packets: each proof is about a pattern that one of the
    /// packets has, and expects that packet's treatment.
    package func disagreementsOfProofs(
        on addresses: LocalAddresses, with packets: [Packet], count: Int,
        _ random: inout SeededGenerator
    ) throws -> [String] {
        var found: [String] = []
        for _ in 0..<count {
            guard let packet = packets.randomElement(using: &random) else { return found }
            let pattern = Self.pattern(of: packet, &random)
            let wanted = explain(packet).treatment
            let proof = try proof(that: .treatment(wanted), of: pattern, on: addresses)
            let others = packets.filter {
                pattern.contains($0) && explain($0).treatment != wanted
            }
            switch proof {
            case .proved:
                found += others.map { "\(pattern) is proved to be \(wanted), but \($0) isn't" }
            case .refuted(let explanation):
                if explanation.treatment == wanted || !pattern.contains(explanation.packet) {
                    found.append("\(explanation.packet) doesn't refute \(pattern): \(wanted)")
                }
            case .unknown, .empty: found.append("\(pattern): \(wanted) is \(proof)")
            }
        }
        return found
    }

    /// Some properties of a packet as a pattern.
    private static func pattern(
        of packet: Packet, _ random: inout SeededGenerator
    ) -> PacketRegion {
        var pattern = PacketRegion()
        pattern.states = [packet.connectionState]
        func chosen() -> Bool { Bool.random(using: &random) }
        if chosen() { pattern.directions = [packet.direction] }
        if chosen() { pattern.transports = [packet.transport] }
        if chosen() { pattern.families = [packet.family] }
        if chosen() {
            pattern.destinationPort = PacketRegion.Values(listed: [
                PortRange(packet.destinationPort)
            ])
        }
        if chosen() {
            pattern.destination = PacketRegion.Values(listed: [IPPrefix(packet.destination).range])
        }
        if chosen() {
            pattern.source = PacketRegion.Values(listed: [IPPrefix(packet.source).range])
        }
        if chosen() {
            pattern.interface = PacketRegion.Values(listed: [InterfacePattern(packet.interface)])
        }
        if chosen(), packet.direction == .outgoing {
            pattern.owner = PacketRegion.Values(
                listed: [packet.owner.map { .users(UserIDRange($0)) } ?? .noSocket])
        }
        return pattern
    }
}
