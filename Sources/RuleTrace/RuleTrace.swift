package import RuleIR

/// Interprets the rule IR, and so defines the meaning of a ruleset.
///
/// Every packet has an explanation. A ruleset that `Ruleset.check` accepts can't loop. In other
/// rules, jumps are followed as deep as in the kernel (`PacketEvaluator.maximumDepth`).
package struct RuleTrace: Sendable {
    package let rules: HookRules
    let sets: SetIndex

    package init(_ ruleset: Ruleset) {
        self.init(HookRules(ruleset))
    }

    package init(_ rules: HookRules) {
        self.rules = rules
        sets = SetIndex(rules.sets)
    }

    /// Evaluates the rules at the first hook that `packet` reaches.
    package func explain(_ packet: Packet) -> Explanation {
        var walk = PacketEvaluator(packet: packet, rules: rules, sets: sets)
        for base in rules.bases where base.hook == packet.hook {
            guard base.families.contains(packet.family) else { continue }
            // Only the first packet of a connection traverses nat chains, and the first chain that
            // translates it ends the traversal.
            if base.isNAT, packet.connectionState != .new || walk.isTranslated { continue }
            if case .dropped = walk.run(base) { break }
        }
        return walk.explanation
    }
}
