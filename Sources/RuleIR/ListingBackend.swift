/// A backend that can list the rules it has loaded, so that they can be compared with a plan.
package protocol ListingBackend: Backend {
    /// The rules that the kernel holds for `instance`, in the terms of the IR; nil when it holds none.
    ///
    /// Unlike `installed`, also answers where the rules have lost what says that they are ours.
    func readBack(_ instance: InstanceName) throws(BackendError) -> LoadedRules?

    /// The rules that `planned` would be, beside those that its instance has loaded.
    ///
    /// A backend that knows of elements on both sides, and that the chains are the same, may leave those
    /// elements out of both.
    func plannedAndLoaded(_ planned: Ruleset) throws(BackendError) -> PlannedAndLoaded

    /// What `readBack` would find if `ruleset` were loaded; touches nothing.
    func expectedRules(_ ruleset: Ruleset) throws(RulesetProblem) -> ListedRules
}

extension ListingBackend {
    package var lister: (any ListingBackend)? { self }

    package func plannedAndLoaded(_ planned: Ruleset) throws(BackendError) -> PlannedAndLoaded {
        let expected: ListedRules
        do {
            expected = try self.expectedRules(planned)
        } catch {
            throw .invalidRuleset(error)
        }
        return PlannedAndLoaded(planned: expected, loaded: try readBack(planned.instance))
    }
}

/// Planned rules, and those whose place they would take.
package struct PlannedAndLoaded: Hashable, Sendable {
    package var planned: ListedRules
    /// Nil when nothing is loaded.
    package var loaded: LoadedRules?

    package init(planned: ListedRules, loaded: LoadedRules?) {
        self.planned = planned
        self.loaded = loaded
    }
}

/// Rules of one installation, read back from the kernel.
package struct LoadedRules: Hashable, Sendable {
    /// Nil when nothing there says that tproxy made the rules.
    package var installed: InstalledRuleset?
    package var rules: ListedRules

    package init(installed: InstalledRuleset?, rules: ListedRules) {
        self.installed = installed
        self.rules = rules
    }
}
