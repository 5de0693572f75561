/// Lowers a ruleset to the form that one backend submits or writes.
package protocol RulesetEmitter: Sendable {
    associatedtype Output: Sendable

    /// Lowers `ruleset` without touching the system; equal rulesets give equal output.
    ///
    /// Throws if the backend can't express the ruleset.
    func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Output
}

/// An emitter whose output can be loaded into the running kernel.
///
/// A backend that can also list its loaded rules is a `ListingBackend`.
package protocol Backend: RulesetEmitter {
    var name: BackendName { get }

    /// Loads `ruleset` in place of the instance's loaded rules, as a whole or not at all.
    ///
    /// If the same rules are loaded already, this changes nothing and returns `.unchanged`. Undoes
    /// a prerequisite of the replaced rules that the new ones don't need, unless it is `shared`.
    func apply(
        _ ruleset: Ruleset, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome

    /// Returns the digest that `installed` would report if `ruleset` were loaded; changes nothing.
    func digest(of ruleset: Ruleset) throws(RulesetProblem) -> String

    /// Removes everything that `apply` loaded for `instance`, with its prerequisites.
    ///
    /// Needs no configuration, because the kernel records which rules are ours. Returns
    /// `.nothingInstalled` if nothing is loaded. Keeps prerequisites that are `shared`.
    func remove(
        _ instance: InstanceName, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> RemoveOutcome

    /// Returns the ruleset that the kernel holds for `instance`; nil if it holds none of ours.
    func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset?

    /// The same backend, if it can list its rules.
    var lister: (any ListingBackend)? { get }

    /// The same backend, if it can restore earlier rules.
    var restorer: (any RestoringBackend)? { get }

    /// Throws the error with which `apply` would refuse `ruleset` on this host; changes nothing.
    ///
    /// Finds only errors that can be known beforehand.
    func check(_ ruleset: Ruleset) throws(BackendError)

    /// Creates objects of other programs that `ruleset` needs, in the namespaces of a rehearsal.
    ///
    /// Objects that exist already stay.
    func prepareRehearsal(of ruleset: Ruleset) throws(BackendError)

    /// The backend for the namespaces of a rehearsal; what it keeps outside them ends with it.
    func rehearsing() throws(BackendError) -> Self
}

extension Backend {
    package var lister: (any ListingBackend)? { nil }

    package var restorer: (any RestoringBackend)? { nil }

    package func check(_ ruleset: Ruleset) throws(BackendError) {}

    package func prepareRehearsal(of ruleset: Ruleset) throws(BackendError) {}

    package func rehearsing() throws(BackendError) -> Self { self }

    package func apply(_ ruleset: Ruleset) throws(BackendError) -> ApplyOutcome {
        try apply(ruleset, sharing: .none)
    }

    package func remove(_ instance: InstanceName) throws(BackendError) -> RemoveOutcome {
        try remove(instance, sharing: .none)
    }
}

/// The prerequisites that stay when rules are removed, because other rules of ours need them.
package enum SharedPrerequisites: Hashable, Sendable {
    /// All prerequisites.
    case all
    case only([HostPrerequisite])

    package static let none = SharedPrerequisites.only([])

    package func contains(_ prerequisite: HostPrerequisite) -> Bool {
        switch self {
        case .all: true
        case .only(let shared): shared.contains(prerequisite)
        }
    }
}

/// The result of loading a ruleset.
package struct ApplyOutcome: Hashable, Sendable {
    package enum Change: String, Hashable, Sendable {
        /// No ruleset of this instance was loaded.
        case installed
        /// A ruleset of this instance was loaded and was replaced in the same transaction.
        case replaced
        /// The same rules were loaded already; the kernel was not changed.
        case unchanged
    }

    package var change: Change
    package var installed: InstalledRuleset
    /// The reason why netlink submitted the rules in place of libnftables, if it did.
    package var fallback: String?
    /// The prerequisites that this load made; those that the host had before are not among them.
    package var made: [HostPrerequisite]

    package init(
        _ change: Change, _ installed: InstalledRuleset, fallback: String? = nil,
        made: [HostPrerequisite] = []
    ) {
        self.change = change
        self.installed = installed
        self.fallback = fallback
        self.made = made
    }
}

package enum RemoveOutcome: Hashable, Sendable {
    /// The rules were removed, and the prerequisites `undone` with them.
    case removed(InstalledRuleset, undone: [HostPrerequisite])
    case nothingInstalled
}
