package import RuleIR

/// An iptables table that contains rules of ours; cases are in the order in which Kuma writes them.
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

/// The names of chains.
package enum IptablesChain {
    /// The prefix of all of our chains and of Kuma's.
    package static let prefix = "KUMA_MESH_"
    /// The chain that records the owner of the rules; no rule jumps to it.
    ///
    /// It contains a copy of each of our rules in built-in chains, so that exactly these can be
    /// found.
    package static let ownership = "KUMA_MESH_TPROXY"
    /// The chain that briefly holds a rule of each kind, to test the kernel's modules; no rule
    /// jumps to it.
    package static let probe = "KUMA_MESH_PROBE"

    /// The prefix of chains for negated sets; a number follows.
    package static let negationPrefix = "KUMA_MESH_NOT_"

    /// The built-in chains that contain rules of ours.
    package static let ofHooks = ["PREROUTING", "OUTPUT"]

    package static func name(of hook: Hook) -> String {
        switch hook {
        case .prerouting: "PREROUTING"
        case .output: "OUTPUT"
        }
    }

    /// Returns the built-in chain that the rules of `chain` are for.
    ///
    /// firewalld with `FirewallBackend=iptables` puts direct rules for `OUTPUT` into
    /// `OUTPUT_direct`, to which `OUTPUT` jumps.
    package static func hookName(of chain: String) -> String {
        let names = Hook.allCases.map(name)
        return names.first { chain == "\($0)_direct" } ?? chain
    }

    package static func name(of chain: ChainName) -> String { prefix + chain.text }
}

extension HookAttachment {
    /// Creates the attachment of a built-in chain of iptables; nil for any other chain.
    ///
    /// The priorities of the tables are those of `enum nf_ip_hook_priorities`.
    package init?(builtIn chain: String, _ table: String, policy: String? = nil) {
        let hook: LoadedChain.Hook
        switch chain {
        case "PREROUTING": hook = .prerouting
        case "INPUT": hook = .input
        case "FORWARD": hook = .forward
        case "OUTPUT": hook = .output
        case "POSTROUTING": hook = .postrouting
        case _: return nil
        }
        let priority =
            switch table {
            case "raw": Stage.raw.priority
            case "mangle": Stage.mangle.priority
            // Source NAT runs after everything else.
            case "nat": hook == .postrouting || hook == .input ? 100 : Stage.nat.priority
            case "security": 50
            case _: 0
            }
        self.init(
            type: table == "nat" ? "nat" : "filter", hook: hook, priority: priority,
            policy: (policy ?? "ACCEPT").lowercased())
    }
}
