package import Diagnostics
package import RuleIR
package import RulesetDiff

/// The loaded rules of the host that a plan is for, as far as they can be read.
package enum PlanState {
    case known(Comparison)
    /// The loaded rules aren't read, for this reason.
    case unknown(String)

    package static let otherHost = PlanState.unknown("the facts are from a file")
}

extension Plan {
    /// Reads the state of this host, if its privileges permit it; changes nothing.
    package func state(with choice: BackendChoice) -> (state: PlanState, notices: [Diagnostic]) {
        do throws(OperationFailure) {
            let (comparison, notices) = try compared(with: choice)
            return (.known(comparison), notices)
        } catch {
            guard let first = error.diagnostics.first else { return (.unknown("unreadable"), []) }
            return (
                .unknown(
                    first.isMissingCapability
                        ? first.message : "the loaded rules can't be read: \(first.message)"), []
            )
        }
    }
}

extension Diagnostic {
    fileprivate var isMissingCapability: Bool { id == "missing-capability" }
}

/// The changes that apply would make, beside those of rules, and how they are counted.
package struct PlanDifference {
    private let comparison: Comparison
    private let plan: Ruleset

    package init(_ comparison: Comparison, _ plan: Ruleset) {
        self.comparison = comparison
        self.plan = plan
    }

    /// The changes in terms of the plan.
    ///
    /// Nil for rules that were changed by hand, or that aren't a plan's: these are shown as they
    /// are listed.
    package var changes: PlanChanges? {
        guard comparison.installed?.isIntact == true else { return nil }
        return comparison.changes
    }

    package var counts: ChangeCounts {
        if let changes { return ChangeCounts(changes) }
        guard comparison.loaded != nil else {
            return .all(of: comparison.backend.placement.evaluated(of: plan))
        }
        return ChangeCounts(comparison.diff)
    }
}

/// The numbers of rules that apply would add, remove and change.
package struct ChangeCounts: Hashable, Sendable {
    package var added = 0
    package var removed = 0
    package var changed = 0

    package var isZero: Bool { added + removed + changed == 0 }

    init(_ changes: PlanChanges) {
        added = changes.count(.added)
        removed = changes.count(.removed)
        changed = changes.count(.changed, .moved)
    }

    /// Counts listed rules and sets.
    init(_ diff: RulesetDiff) {
        for rule in diff.chains.flatMap(\.rules) {
            switch rule {
            case .added: added += 1
            case .removed: removed += 1
            case .moved, .changed: changed += 1
            }
        }
        for set in diff.sets {
            switch set.presence {
            case .added: added += 1
            case .removed: removed += 1
            case .kept, .ofOtherKind: changed += 1
            }
        }
        changed += diff.chains.count { $0.formerAttachment != nil }
    }

    private init(added: Int) {
        self.added = added
    }

    /// Counts the rules of a plan for a host without rules, twins as one.
    package static func all(of plan: Ruleset) -> ChangeCounts {
        let lists =
            plan.baseChains.flatMap { [$0.first, $0.last] } + plan.chains.map(\.rules)
        return ChangeCounts(added: lists.reduce(0) { $0 + $1.withTwinsTogether.count })
    }

    /// The numbers that aren't zero: `2 to add, 1 to remove`.
    package var planned: String {
        text([("to add", added), ("to remove", removed), ("to change", changed)])
    }

    /// The same in the past tense: `2 added, 1 removed`.
    package var done: String {
        text([("added", added), ("removed", removed), ("changed", changed)])
    }

    private func text(_ parts: [(String, Int)]) -> String {
        parts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
}
