/// A backend that can list the rules it has loaded, so that they can be compared with a plan.
package protocol ListingBackend: Backend {
    /// Returns the rules that the kernel holds for `instance`, in IR terms; nil if it holds none.
    ///
    /// Unlike `installed`, also returns rules that have lost their identity.
    func readBack(_ instance: InstanceName) throws(BackendError) -> LoadedRules?

    /// Returns the rules that `planned` would load, beside those that its instance has loaded.
    ///
    /// A backend may omit elements from both sides if it knows that both have them and that the
    /// chains are equal.
    func plannedAndLoaded(_ planned: Ruleset) throws(BackendError) -> PlannedAndLoaded

    /// Returns the rules that `readBack` would find if `ruleset` were loaded; changes nothing.
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

/// Planned rules, and the loaded rules that they would replace.
package struct PlannedAndLoaded: Hashable, Sendable {
    package var planned: ListedRules
    /// Nil when nothing is loaded.
    package var loaded: LoadedRules?
    /// Whether elements that both sides have are omitted from both.
    package var isShortened: Bool
    /// What is otherwise on the host than the loaded rules assume, as sentences.
    ///
    /// `apply` would load the same rules again.
    package var hostChanges: [String] = []

    package init(planned: ListedRules, loaded: LoadedRules?, isShortened: Bool = false) {
        self.planned = planned
        self.loaded = loaded
        self.isShortened = isShortened
    }
}

/// The rules of one installation, read back from the kernel.
package struct LoadedRules: Hashable, Sendable {
    /// The identity; nil if no record shows that tproxy loaded the rules.
    package var installed: InstalledRuleset?
    package var rules: ListedRules

    package init(installed: InstalledRuleset?, rules: ListedRules) {
        self.installed = installed
        self.rules = rules
    }
}
