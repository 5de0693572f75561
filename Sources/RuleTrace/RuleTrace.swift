package import RuleIR

/// An interpreter of the rule IR: the definition of what a ruleset means.
///
/// It is total: every packet has an explanation. A ruleset that `Ruleset.check` takes can't make it
/// loop; of others, it follows no more than the kernel would (`PacketEvaluator.maximumDepth`).
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

    /// Follows `packet` through the hook it meets first, chain by chain.
    package func explain(_ packet: Packet) -> Explanation {
        var walk = PacketEvaluator(packet: packet, rules: rules, sets: sets)
        for base in rules.bases where base.hook == packet.hook {
            guard base.families.contains(packet.family) else { continue }
            // NAT is decided on the first packet of a connection and then remembered, and once it
            // is decided no other chain is asked.
            if base.isNAT, packet.connectionState != .new || walk.isTranslated { continue }
            if case .dropped = walk.run(base) { break }
        }
        return walk.explanation
    }
}
