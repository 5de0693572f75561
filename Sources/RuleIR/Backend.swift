/// Turns a ruleset into what one backend submits or writes.
package protocol RulesetEmitter: Sendable {
    associatedtype Output: Sendable

    /// Lowers `ruleset` without touching the system: the same ruleset gives the same output.
    func emit(_ ruleset: Ruleset) throws(RulesetProblem) -> Output
}

/// An emitter whose output can be put into the running kernel.
///
/// One that can also list what it has loaded is a `ListingBackend`.
package protocol Backend: RulesetEmitter {
    var name: BackendName { get }

    /// Loads `ruleset` in place of what this instance had before: all of it or nothing.
    ///
    /// Applying what is loaded already changes nothing and answers `.unchanged`. A prerequisite that the
    /// former rules had and these don't need is undone, unless it is `shared`.
    func apply(
        _ ruleset: Ruleset, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> ApplyOutcome

    /// The digest that `installed` would tell of, if `ruleset` were loaded; touches nothing.
    func digest(of ruleset: Ruleset) throws(RulesetProblem) -> String

    /// Removes all that `apply` loaded for `instance`, with its prerequisites, and nothing else.
    ///
    /// Needs no configuration: the kernel knows what is ours. Answers `.nothingInstalled` when
    /// there is nothing. A prerequisite that is `shared` stays.
    func remove(
        _ instance: InstanceName, sharing shared: SharedPrerequisites
    ) throws(BackendError) -> RemoveOutcome

    /// What the kernel holds for `instance`, or nil when it holds nothing of ours.
    func installed(_ instance: InstanceName) throws(BackendError) -> InstalledRuleset?

    /// The same backend, if it can list its rules.
    var lister: (any ListingBackend)? { get }

    /// Throws what `apply` would refuse on this host, as far as can be told beforehand; changes nothing.
    func check(_ ruleset: Ruleset) throws(BackendError)

    /// Makes what `ruleset` needs of other programs where they aren't, in a rehearsal's namespaces.
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

/// The prerequisites that stay when rules of ours go, because other rules of ours need them.
package enum SharedPrerequisites: Hashable, Sendable {
    /// Whatever they are.
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
    /// Something of this instance was there and gave way in the same transaction.
    case replaced(InstalledRuleset)
    /// The same rules were there; the kernel was not touched.
    case unchanged(InstalledRuleset)

    package var installed: InstalledRuleset {
        switch self {
        case .installed(let installed), .replaced(let installed), .unchanged(let installed):
            installed
        }
    }
}

package enum RemoveOutcome: Hashable, Sendable {
    /// The rules are removed. `undone` are the prerequisites that went with them.
    case removed(InstalledRuleset, undone: [HostPrerequisite])
    case nothingInstalled
}

/// What a backend found in the kernel.
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
        /// The kernel keeps the rules and runs none of them (`flags dormant`).
        case dormant
        /// A process has them for itself (`flags owner`).
        case owned
        /// Sets were loaded for rules that didn't follow; the rules are those from before.
        case interruptedLoad
    }

    /// What a person would ask the kernel for, such as `table inet tproxy_mesh`.
    package var name: String
    /// The version of the program that made it.
    package var version: String
    /// SHA-256 of the rules as they were submitted, in hexadecimal.
    package var digest: String
    /// Whether the rules in the kernel still are those that were submitted.
    ///
    /// Never where there is an irregularity.
    package var isIntact: Bool
    /// What keeps the rules from being in force as they are, other than a change of them.
    package var irregularity: Irregularity?
    /// The prerequisites that were made for the rules, and are undone with them.
    package var ownedPrerequisites: [HostPrerequisite]
    package var hooks: [Hook]
    package var counters: [RuleCounter]
    /// How nf_tables got the rules; nil where that isn't known, and for iptables.
    package var submission: Submission?
    /// Why netlink sent what libnftables was to send; known to who has just sent it.
    package var fallback: String?

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
