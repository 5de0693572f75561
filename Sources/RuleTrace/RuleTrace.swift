package import RuleIR

/// An interpreter of the rule IR: the definition of what a ruleset means.
///
/// It is total: every packet has an explanation, and a ruleset that `Ruleset.check` takes can't
/// make it loop.
package struct RuleTrace: Sendable {
    private let ruleset: Ruleset
    private let sets: SetIndex

    package init(_ ruleset: Ruleset) {
        self.ruleset = ruleset
        sets = SetIndex(ruleset.sets)
    }

    /// Follows `packet` through the hook it meets first, stage by stage.
    package func explain(_ packet: Packet) -> Explanation {
        var walk = Walk(packet: packet, ruleset: ruleset, sets: sets)
        guard ruleset.families.contains(packet.family) else {
            return walk.explanation(.untouched)
        }
        for stage in Stage.allCases {
            // NAT is decided on the first packet of a connection and then remembered (nf_nat).
            if stage == .nat, packet.connectionState != .new { break }
            guard let base = ruleset.baseChain(stage, packet.hook) else { continue }
            switch walk.run(base) {
            case .goesOn: continue
            case .redirected(let port): return walk.explanation(.redirected(to: port))
            case .dropped: return walk.explanation(.dropped)
            }
        }
        return walk.explanation(walk.decisive == nil ? .untouched : .exempt)
    }
}
