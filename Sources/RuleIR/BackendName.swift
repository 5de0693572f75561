/// The name of a backend, and properties that callers need without asking the backend.
///
/// Each backend defines its own value beside its code. Code that chooses among backends compares
/// properties and not names.
package struct BackendName: Hashable, Sendable, CustomStringConvertible {
    /// The name that `--backend` takes and plan files contain.
    package let text: String
    package let placement: RulePlacement
    /// Whether the backend supports several instances; otherwise it has only `mesh`.
    package let holdsInstances: Bool
    /// Whether each change is atomic, so that a killed run leaves no partial change.
    package let isAtomic: Bool
    /// Whether a host may lack the backend's programs or kernel support.
    ///
    /// An optional backend that can't be queried counts as having nothing loaded.
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

/// The kernel object that holds the rules of a backend.
package enum RulePlacement: Hashable, Sendable {
    /// A table of ours in nf_tables.
    case ownTable
    /// Chains of ours in the tables that all users of iptables share.
    case iptables(LoadedChain.Engine)
    /// eBPF programs of ours, which see sockets and no packets.
    case sockets

    /// Whether other users of iptables share the tables and may change the rules.
    package var isShared: Bool {
        switch self {
        case .ownTable, .sockets: false
        case .iptables: true
        }
    }

    /// The distance of the two segments' priorities from the hook's usual priority; nil for sockets,
    /// which are decided before every chain.
    package var segmentOffset: Int? {
        switch self {
        case .ownTable: 1
        case .iptables: 0
        case .sockets: nil
        }
    }

    /// Returns the name under which the kernel holds the rules of `instance`.
    ///
    /// `backend` is the backend's name as the user gives it.
    package func location(of instance: InstanceName, by backend: String) -> String {
        switch self {
        case .ownTable: "table inet tproxy_\(instance)"
        case .iptables: "chains KUMA_MESH_* of \(backend)"
        case .sockets: "eBPF programs of the instance \(instance)"
        }
    }
}
