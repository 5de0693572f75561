import Addressing
import RuleIR

/// What the rules do with all packets of a pattern, each packet counted in one part.
package struct PatternAnswer: Hashable, Sendable {
    /// The packets about which one rule decides, or no rule.
    package struct Part: Hashable, Sendable {
        package var outcome: Explanation.Outcome
        /// Nil where no rule is about the packets.
        package var decisive: TracedRule?
        /// Which of the pattern's packets; each is in one region.
        package var regions: [PacketRegion]
        /// One of them.
        package var witness: Packet
        /// Rules on the way of some of them of which nobody can say what they do.
        package var doubts: [TracedRule]
    }

    /// In the order in which packets meet the rules.
    package var parts: [Part]
}

extension RuleTrace {
    /// Too many kinds of packets to tell apart.
    package struct TooComplex: Error {}

    /// Follows all packets of a pattern at once: exact, however many they are.
    ///
    /// Values that no rule tells apart are one (`ValueAtoms`), so that a list of 100,000 addresses
    /// costs little more than one address.
    package func answer(
        _ pattern: PacketPattern, on addresses: LocalAddresses
    ) throws(TooComplex) -> PatternAnswer {
        var parts: [PatternAnswer.Part] = []
        for family in pattern.families {
            let space = RegionSpace(family, rules, sets, pattern, addresses)
            for direction in pattern.directions {
                for transport in pattern.transports {
                    let whole = space.regions(of: pattern, direction, addresses)
                    var walk = SymbolicEvaluator(space, direction, transport, rules, sets)
                    guard let states = walk.run(whole) else { throw TooComplex() }
                    let view = RegionView(space, direction, transport, whole: whole)
                    for state in states {
                        view.add(state, to: &parts)
                    }
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
    /// The packets of a pattern that a host can see.
    ///
    /// What goes to one of its own addresses leaves by loopback, and what leaves by loopback goes to
    /// one of them. What comes in by loopback went out by it, and was decided there.
    fileprivate func regions(
        of pattern: PacketPattern, _ direction: Packet.Direction, _ addresses: LocalAddresses
    ) -> [Region] {
        var region = Region { self.pattern(in: $0) ?? AtomSet.all(count($0)) }
        switch pattern.owner {
        case .user(let user): region[.owner] = owners(user)
        case .nobody: region[.owner] = nobody
        case nil: if direction == .incoming { region[.owner] = nobody }
        }
        let loopback = interface.holding(InterfacePattern(addresses.loopback))
        if let given = pattern.interface {
            region[.interface] = interface.holding(InterfacePattern(given))
            return [region]
        }
        guard direction == .outgoing else {
            region[.interface] = region[.interface].subtracting(loopback)
            return [region]
        }
        var (within, without) = (region, region)
        within[.interface] = loopback
        if addresses.entries != nil {
            within[.destination] = region[.destination].intersection(local)
        }
        without[.destination] = region[.destination].subtracting(local)
        without[.interface] = region[.interface].subtracting(loopback)
        return [within, without].filter { !$0.isEmpty }
    }
}
