import Addressing
import RuleIR

/// Whether all packets of a pattern are treated as expected.
package enum Proof: Hashable, Sendable {
    /// Every packet is.
    case proved
    /// This packet isn't.
    case refuted(Explanation)
    /// No packet certainly isn't; this one may meet rules of unknown effect.
    case unknown(Explanation)
    /// No packet has the pattern, so that there is nothing to prove.
    case empty
}

extension RuleTrace {
    /// Proves the expectation for all packets of a pattern that can occur on the host, or finds one
    /// that is treated otherwise.
    package func proof(
        that expectation: Expectation, of pattern: PacketRegion, on addresses: LocalAddresses
    ) throws(TooComplex) -> Proof {
        var uncertain: Packet?
        var isEmpty = true
        for family in pattern.families {
            let space = RegionSpace(family, [self], pattern, addresses)
            for packets in pattern.classes {
                let whole = space.regions(of: pattern, packets.direction, addresses)
                guard !whole.isEmpty else { continue }
                isEmpty = false
                var evaluator = SymbolicEvaluator(space, packets, self, .treatments)
                guard let states = evaluator.run(whole) else { throw TooComplex() }
                let witness = Witness(space, packets)
                for state in states {
                    guard state.doubts.isEmpty else {
                        uncertain = uncertain ?? witness.packet(of: state.region)
                        continue
                    }
                    if !expectation.isMet(by: state.outcome, zone: state.zone) {
                        return .refuted(explain(witness.packet(of: state.region)))
                    }
                }
            }
        }
        if isEmpty { return .empty }
        return uncertain.map { .unknown(explain($0)) } ?? .proved
    }
}
