package import RuleIR

/// A table of iptables that rules of ours stand in, in the order in which Kuma writes them.
package enum IptablesTable: String, Hashable, Sendable, CaseIterable {
    case raw
    case nat
    case mangle

    package init(_ stage: Stage) {
        switch stage {
        case .raw: self = .raw
        case .nat: self = .nat
        case .mangle: self = .mangle
        }
    }

    package var stage: Stage {
        switch self {
        case .raw: .raw
        case .nat: .nat
        case .mangle: .mangle
        }
    }
}

/// Names of chains.
package enum IptablesChain {
    /// What all of our chains begin with, as Kuma's do.
    package static let prefix = "KUMA_MESH_"
    /// Never jumped to: says who made the rules, and holds a copy of each that stands in a built-in
    /// chain, so that exactly those can be found again.
    package static let ownership = "KUMA_MESH_TPROXY"
    /// Never jumped to: holds a rule of each kind for a moment, to see what the kernel has.
    package static let probe = "KUMA_MESH_PROBE"

    /// Chains that tell "none of these", with a number behind.
    package static let negationPrefix = "KUMA_MESH_NOT_"

    /// The built-in chains that rules of ours stand in.
    package static let ofHooks = ["PREROUTING", "OUTPUT"]

    package static func name(of hook: Hook) -> String {
        switch hook {
        case .prerouting: "PREROUTING"
        case .output: "OUTPUT"
        }
    }

    /// The built-in chain that a chain's rules are meant for.
    ///
    /// firewalld with `FirewallBackend=iptables` puts direct rules for `OUTPUT` into `OUTPUT_direct`,
    /// to which `OUTPUT` jumps.
    package static func hookName(of chain: String) -> String {
        let names = Hook.allCases.map(name)
        return names.first { chain == "\($0)_direct" } ?? chain
    }

    package static func name(of chain: ChainName) -> String { prefix + chain.text }
}
