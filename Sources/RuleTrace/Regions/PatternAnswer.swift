import Addressing
import RuleIR

/// The outcomes of all packets of a pattern; each packet is in exactly one part.
package struct PatternAnswer: Hashable, Sendable {
    /// The packets for which the same rule decides, or no rule.
    package struct Part: Hashable, Sendable {
        package var outcome: Explanation.Outcome
        /// The deciding rule; nil if no rule decides.
        package var decisive: TracedRule?
        /// The packets of the part; the regions are disjoint.
        package var regions: [PacketRegion]
        /// An example.
        package var witness: Packet
        /// Rules of unknown effect that some of the packets may match.
        package var doubts: [TracedRule]
    }

    /// The parts, in the order in which packets meet the deciding rules.
    package var parts: [Part]
}

extension RuleTrace {
    /// The packets can't be distinguished with reasonable effort.
    package struct TooComplex: Error {}

    /// Evaluates the rules for all packets of a pattern at once; the answer is exact.
    ///
    /// Values that no rule distinguishes are one atom (`ValueAtoms`), so that a list of 100,000
    /// addresses costs little more than one address.
    package func answer(
        _ pattern: PacketPattern, on addresses: LocalAddresses
    ) throws(TooComplex) -> PatternAnswer {
        var parts: [PatternAnswer.Part] = []
        let given = PacketRegion(pattern)
        for family in given.families {
            let space = RegionSpace(family, [self], given, addresses)
            for packets in given.classes {
                let whole = space.regions(
                    of: given, packets.direction, addresses, anyRoute: pattern.interface != nil)
                var evaluator = SymbolicEvaluator(space, packets, self, .rules)
                guard let states = evaluator.run(whole) else { throw TooComplex() }
                let view = RegionView(space, packets, whole: whole)
                for state in states {
                    view.add(state, to: &parts)
                }
            }
        }
        for index in parts.indices {
            parts[index].regions = parts[index].regions.merged()
        }
        return PatternAnswer(parts: parts)
    }
}

extension RegionSpace {
    /// Returns the packets of a pattern that can occur on the host.
    ///
    /// Packets to an address of the host leave through loopback, and packets through loopback go to
    /// such an address. Packets that arrive on loopback were evaluated when they left. `anyRoute`
    /// includes packets on other interfaces than their route's.
    func regions(
        of pattern: PacketRegion, _ direction: Packet.Direction, _ addresses: LocalAddresses,
        anyRoute: Bool = false
    ) -> [Region] {
        var region = Region { atoms(of: pattern, in: $0) }
        if direction == .incoming {
            region[.owner] = region[.owner].intersection(noSocket)
        }
        if anyRoute { return [region].filter { !$0.isEmpty } }
        let loopback = interface.holding(InterfacePattern(addresses.loopback))
        guard direction == .outgoing else {
            region[.interface] = region[.interface].subtracting(loopback)
            return [region].filter { !$0.isEmpty }
        }
        var (within, without) = (region, region)
        within[.interface] = region[.interface].intersection(loopback)
        if addresses.entries != nil {
            within[.destination] = region[.destination].intersection(local)
        }
        without[.destination] = region[.destination].subtracting(local)
        without[.interface] = region[.interface].subtracting(loopback)
        return [within, without].filter { !$0.isEmpty }
    }
}
