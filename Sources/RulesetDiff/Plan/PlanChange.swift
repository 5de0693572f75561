package import Addressing
package import RuleIR

/// A rule of the plan that apply would add, remove or change.
///
/// Rules that differ only in the family of their addresses are one change.
package struct PlanChange: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case added
        case removed
        /// The rule stays, at another position relative to the rules around it.
        case moved
        case changed
    }

    package var kind: Kind
    /// The chain or segment of the plan; for a removed rule, that of the loaded rules.
    package var list: RuleLocation.List
    /// The numbers of the planned rules, from 1; empty for a removed rule.
    package var numbers: [Int]
    /// The planned rules, or the removed ones as far as they can be read.
    package var rules: [Rule]
    /// The loaded form of changed rules.
    package var former: [Rule]
    /// The elements of the rule's list that aren't loaded, if nothing else changes.
    package var added: [SetElement]
    /// The loaded elements of the list that aren't planned, if nothing else changes.
    package var removed: [SetElement]

    /// Whether only elements of one list differ.
    package var isOfElements: Bool { !added.isEmpty || !removed.isEmpty }
}

/// What apply would change in a plan, in terms of the plan.
package struct PlanChanges: Hashable, Sendable {
    /// In the order of the plan.
    package var rules: [PlanChange]
    /// Families that are planned and not loaded.
    package var addedFamilies: [AddressFamily]
    package var removedFamilies: [AddressFamily]
    /// The lists of the rules in `PlanChange.former` and of removed rules.
    package var formerSets: [NamedSet]

    package var isEmpty: Bool {
        rules.isEmpty && addedFamilies.isEmpty && removedFamilies.isEmpty
    }

    package func count(_ kinds: PlanChange.Kind...) -> Int {
        rules.count { kinds.contains($0.kind) }
    }

    /// Compares the rules of two plans.
    package init(from former: Ruleset, to planned: Ruleset, form: PlanForm = .nftables) {
        self.init(
            from: NormalPlan(former, form, hasReasons: true),
            to: NormalPlan(planned, form, hasReasons: true), planned)
    }

    /// Compares loaded rules with those that a backend would load for `plan`; nil if the loaded
    /// rules aren't those of a plan.
    ///
    /// Elements that both have may be missing from both.
    package init?(from loaded: ListedRules, to planned: ListedRules, of plan: Ruleset) {
        guard let form = PlanForm(planned) else { return nil }
        let hasReasons = plan.hasComments && loaded.hasComments
        let wanted = NormalPlan(plan, form, hasReasons: hasReasons)
        guard let former = NormalPlan(loaded, hasReasons: hasReasons),
            let new = NormalPlan(planned, hasReasons: hasReasons)?.located(in: wanted)
        else { return nil }
        self.init(from: former, to: new, plan)
    }

    init(from former: NormalPlan, to planned: NormalPlan, _ plan: Ruleset) {
        addedFamilies = planned.families.filter { !former.families.contains($0) }
        removedFamilies = former.families.filter { !planned.families.contains($0) }
        var reading = ChangeReading(former, planned, plan)
        rules = reading.changes()
        formerSets = reading.sets
    }
}

extension RuleMessages {
    /// Creates messages for planned rules and for the loaded ones that changed.
    package init(_ changes: PlanChanges, of plan: Ruleset) {
        var all = plan
        all.sets += changes.formerSets
        self.init(ruleset: all)
    }
}

extension ListedRules {
    /// Whether a rule of ours has a comment, which carries its reason.
    fileprivate var hasComments: Bool {
        tables.flatMap(\.chains).flatMap(\.entries).contains { entry in
            switch entry {
            case .readable(let rule): rule.comment != nil
            case .native(let rule): rule.comment != nil
            }
        }
    }
}
