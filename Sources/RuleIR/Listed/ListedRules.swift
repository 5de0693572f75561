package import Addressing

/// Rules as a kernel or a file holds them, whether ours or foreign.
///
/// A rule that the IR can express is in its terms; others keep their text. Rules aren't joined or
/// split: each corresponds to one loaded rule, so that a change of one is a change of one.
package struct ListedRules: Hashable, Sendable, Codable {
    package var tables: [ListedTable]

    package init(_ tables: [ListedTable]) {
        self.tables = tables
    }
}

/// One table of one tool.
///
/// Names of chains and sets are unique within it.
package struct ListedTable: Hashable, Sendable, Codable {
    /// The name by which users refer to the table: `inet tproxy_mesh`, `nat of IPv4`.
    package var name: String
    /// The families whose packets its chains see; empty if they see no IP packets.
    package var families: [AddressFamily]
    package var sets: [ListedSet]
    package var chains: [ListedChain]

    package init(
        name: String, families: [AddressFamily], sets: [ListedSet], chains: [ListedChain]
    ) {
        self.name = name
        self.families = families
        self.sets = sets
        self.chains = chains
    }

    package func chain(named name: String) -> ListedChain? {
        chains.first { $0.name == name }
    }
}

/// A set of a table.
package enum ListedSet: Hashable, Sendable {
    case readable(NamedSet)
    /// A set with elements that the IR can't express.
    case native(name: String, type: String)

    package var name: String {
        switch self {
        case .readable(let set): set.name.text
        case .native(let name, _): name
        }
    }
}

/// A chain of a table.
package struct ListedChain: Hashable, Sendable, Codable {
    /// The purpose of a chain, as far as its name shows it.
    package enum Role: Hashable, Sendable {
        case ordinary
        /// Returns the set's elements, so that the calling rule applies to all other packets.
        case negatedSet
    }

    /// The name in its tool: `mesh_outbound`, `OUTPUT`.
    package var name: String
    package var role: Role
    /// The hook, type and priority; nil for a regular chain.
    package var attachment: HookAttachment?
    package var entries: [ListedEntry]
    /// The number of entries that belong before other programs' rules; nil if unknown.
    package var insertedCount: Int?
    /// The foreign rules in the same chain.
    package var foreign: [ForeignRule]

    package init(
        name: String, role: Role = .ordinary, attachment: HookAttachment? = nil,
        entries: [ListedEntry], insertedCount: Int? = nil, foreign: [ForeignRule] = []
    ) {
        self.name = name
        self.role = role
        self.attachment = attachment
        self.entries = entries
        self.insertedCount = insertedCount
        self.foreign = foreign
    }
}

/// A foreign rule in a chain that also holds rules of ours.
package struct ForeignRule: Hashable, Sendable, Codable {
    package var text: String
    /// Whether the rule has our comment or jumps to a chain of ours, although it isn't ours.
    package var mentionsUs: Bool
    /// The number of our entries before the rule.
    package var entriesBefore: Int

    package init(text: String, mentionsUs: Bool = false, entriesBefore: Int) {
        self.text = text
        self.mentionsUs = mentionsUs
        self.entriesBefore = entriesBefore
    }
}
