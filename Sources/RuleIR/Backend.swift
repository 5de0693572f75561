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

    /// Throws the error with which `apply` would refuse `ruleset` on this host; changes nothing.
    ///
    /// Finds only errors that can be known beforehand.
    func check(_ ruleset: Ruleset) throws(BackendError)

    /// Creates objects of other programs that `ruleset` needs, in the namespaces of a rehearsal.
    ///
    /// Objects that exist already stay.
    func prepareRehearsal(of ruleset: Ruleset) throws(BackendError)
}

extension Backend {
    package var lister: (any ListingBackend)? { nil }

    package func check(_ ruleset: Ruleset) throws(BackendError) {}

    package func prepareRehearsal(of ruleset: Ruleset) throws(BackendError) {}

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

package enum ApplyOutcome: Hashable, Sendable {
    case installed(InstalledRuleset)
    /// A ruleset of this instance was loaded and was replaced in the same transaction.
    case replaced(InstalledRuleset)
    /// The same rules were loaded already; the kernel was not changed.
    case unchanged(InstalledRuleset)

    package var installed: InstalledRuleset {
        switch self {
        case .installed(let installed), .replaced(let installed), .unchanged(let installed):
            installed
        }
    }
}

package enum RemoveOutcome: Hashable, Sendable {
    /// The rules were removed, and the prerequisites `undone` with them.
    case removed(InstalledRuleset, undone: [HostPrerequisite])
    case nothingInstalled
}

/// A ruleset of ours that a backend found in the kernel.
package struct InstalledRuleset: Hashable, Sendable {
    package struct Hook: Hashable, Sendable {
        package var chain: String
        package var type: String
        package var hook: String
        package var priority: Int

        package init(chain: String, type: String, hook: String, priority: Int) {
            self.chain = chain
            self.type = type
            self.hook = hook
            self.priority = priority
        }
    }

    package struct RuleCounter: Hashable, Sendable {
        package var chain: String
        /// The rule's comment; empty when comments are off.
        package var comment: String
        package var packets: UInt64
        package var bytes: UInt64

        package init(chain: String, comment: String, packets: UInt64, bytes: UInt64) {
            self.chain = chain
            self.comment = comment
            self.packets = packets
            self.bytes = bytes
        }
    }

    package enum Irregularity: String, Hashable, Sendable, Codable {
        /// The kernel keeps the rules and doesn't evaluate them (`flags dormant`).
        case dormant
        /// A process owns the table exclusively (`flags owner`).
        case owned
        /// A load was interrupted: its sets are loaded, but the rules are still the former ones.
        case interruptedLoad
    }

    /// The name to query the kernel by, such as `table inet tproxy_mesh`.
    package var name: String
    /// The version of the tproxy that loaded the rules.
    package var version: String
    /// The SHA-256 of the rules as they were submitted, in hexadecimal.
    package var digest: String
    /// Whether the rules in the kernel equal the submitted ones.
    ///
    /// False if there is an irregularity.
    package var isIntact: Bool
    /// The reason, other than a change of the rules, why they aren't in force.
    package var irregularity: Irregularity?
    /// The prerequisites that were made for the rules and are undone with them.
    package var ownedPrerequisites: [HostPrerequisite]
    package var hooks: [Hook]
    package var counters: [RuleCounter]
    /// The submission that loaded the rules; nil if it is unknown, and for iptables.
    package var submission: Submission?
    /// The reason why netlink was used in place of libnftables.
    ///
    /// Only the run that submitted the rules knows it.
    package var fallback: String?
    /// The prerequisites that this run made; those that the host had before are not among them.
    package var addedPrerequisites: [HostPrerequisite] = []

    package init(
        name: String, version: String, digest: String, isIntact: Bool,
        ownedPrerequisites: [HostPrerequisite], hooks: [Hook], counters: [RuleCounter]
    ) {
        self.name = name
        self.version = version
        self.digest = digest
        self.isIntact = isIntact
        self.ownedPrerequisites = ownedPrerequisites
        self.hooks = hooks
        self.counters = counters
    }
}
