/// A backend by the name that users give it, and what must be known of it without asking it.
///
/// Each backend says its own beside its code; who chooses among backends compares properties, no names.
package struct BackendName: Hashable, Sendable, CustomStringConvertible {
    /// As `--backend` takes it and plan files keep it.
    package let text: String
    package let placement: RulePlacement
    /// Whether it keeps several instances apart; otherwise it has `mesh` alone.
    package let holdsInstances: Bool
    /// Whether each change is made as a whole, so that a killed run leaves nothing behind.
    package let isAtomic: Bool
    /// Whether a host may do without it: what it can't be asked about, it is not taken to have loaded.
    package let isOptional: Bool

    package init(
        _ text: String, placement: RulePlacement, holdsInstances: Bool, isAtomic: Bool,
        isOptional: Bool
    ) {
        self.text = text
        self.placement = placement
        self.holdsInstances = holdsInstances
        self.isAtomic = isAtomic
        self.isOptional = isOptional
    }

    package var description: String { text }
}

/// What keeps the rules of a backend.
package enum RulePlacement: Hashable, Sendable {
    /// A table of our own in nf_tables.
    case ownTable
    /// Chains of ours in the tables that all users of iptables share.
    case iptables(LoadedChain.Engine)

    /// Whether other programs that use iptables may change the rules, and ours meet theirs.
    package var isShared: Bool {
        switch self {
        case .ownTable: false
        case .iptables: true
        }
    }

    /// How far from a hook's usual priority the chains of the two segments are.
    package var segmentOffset: Int {
        switch self {
        case .ownTable: 1
        case .iptables: 0
        }
    }

    /// What rules of `instance` are found under; `backend` is what the user calls it.
    package func location(of instance: InstanceName, by backend: String) -> String {
        switch self {
        case .ownTable: "table inet tproxy_\(instance)"
        case .iptables: "chains KUMA_MESH_* of \(backend)"
        }
    }
}
