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

    /// A map of eBPF programs.
    package struct Map: Hashable, Sendable {
        package var name: String
        /// The bytes of kernel memory that it takes.
        package var memory: UInt64

        package init(name: String, memory: UInt64) {
            self.name = name
            self.memory = memory
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
    /// The maps of eBPF programs; empty for other backends.
    package var maps: [Map] = []
    /// When the rules were loaded; nil if an earlier version loaded them, or another program.
    package var loadedAt: LoadTime?
    /// The submission that loaded the rules; nil if it is unknown, and for iptables.
    package var submission: Submission?

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

/// The interface through which an nf_tables transaction is submitted to the kernel.
package enum Submission: String, Hashable, Sendable, CaseIterable, Codable {
    /// A document of libnftables-json(5).
    case libnftables
    /// Netlink messages of our own.
    case netlink
}
