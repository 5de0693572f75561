package import Addressing

/// Rules as they stand in a kernel or a file, whoever wrote them there.
///
/// Each rule that the IR has words for is in its words; others keep their text. Nothing is joined or
/// split: one rule here is one rule there, so that a change of one is a change of one.
package struct ListedRules: Hashable, Sendable, Codable {
    package var tables: [ListedTable]

    package init(_ tables: [ListedTable]) {
        self.tables = tables
    }
}

/// One table of one tool.
///
/// Names of chains and sets count within it.
package struct ListedTable: Hashable, Sendable, Codable {
    /// As a person would ask for it: `inet tproxy_mesh`, `nat of IPv4`.
    package var name: String
    /// The families whose packets its chains see; none for those that see no IP packets.
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
    /// One that holds what the IR has no words for.
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
    /// What a chain is there for, as far as its name tells.
    package enum Role: Hashable, Sendable {
        case ordinary
        /// Its members return, so that the rest is "in none of them".
        case negatedSet
    }

    /// As its tool has it: `mesh_outbound`, `OUTPUT`.
    package var name: String
    package var role: Role
    /// How the kernel comes to run it; nil for a chain that is jumped to.
    package var attachment: HookAttachment?
    package var entries: [ListedEntry]
    /// How many of the entries belong before everybody's rules, where that is known.
    package var insertedCount: Int?
    /// Rules of others in the same chain.
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

/// A rule of another program in a chain that ours stand in, too.
package struct ForeignRule: Hashable, Sendable, Codable {
    package var text: String
    /// Whether it carries our comment or jumps to a chain of ours, though we didn't put it there.
    package var mentionsUs: Bool
    /// How many of our entries stand before it.
    package var entriesBefore: Int

    package init(text: String, mentionsUs: Bool = false, entriesBefore: Int) {
        self.text = text
        self.mentionsUs = mentionsUs
        self.entriesBefore = entriesBefore
    }
}
