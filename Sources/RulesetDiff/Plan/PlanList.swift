import Addressing
package import RuleIR

/// A list of rules of a plan, as far as a backend keeps it apart from others.
struct PlanList: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// One segment of a base chain; nil for both, which iptables has in one chain.
        case base(Stage, Hook, isFirst: Bool?)
        /// A regular chain, by its name in lower case, since nftables has no other.
        case chain(String)
    }

    var kind: Kind

    static func chain(_ name: ChainName) -> PlanList {
        PlanList(kind: .chain(name.text.lowercased()))
    }

    /// Reads the name of a chain of the nft backend (decision 0050); nil for any other.
    init?(nftChain chain: ListedChain) {
        guard chain.attachment != nil else {
            guard chain.name.hasPrefix("mesh_") else { return nil }
            kind = .chain(String(chain.name.dropFirst("mesh_".utf8.count)))
            return
        }
        for stage in Stage.allCases {
            for hook in Hook.allCases {
                let name = "\(stage.rawValue)_\(hook.rawValue)"
                guard chain.name == "\(name)_first" || chain.name == "\(name)_last" else {
                    continue
                }
                kind = .base(stage, hook, isFirst: chain.name == "\(name)_first")
                return
            }
        }
        return nil
    }

    /// Reads the name of a chain of the iptables backends; nil for any other.
    init?(iptablesChain chain: ListedChain, _ stage: Stage) {
        switch chain.name {
        case "PREROUTING": kind = .base(stage, .prerouting, isFirst: nil)
        case "OUTPUT": kind = .base(stage, .output, isFirst: nil)
        case let name where name.hasPrefix(Self.iptablesPrefix):
            kind = .chain(String(name.dropFirst(Self.iptablesPrefix.utf8.count)).lowercased())
        case _: return nil
        }
    }

    /// Reads the name of a chain of the eBPF backend; nil for any other.
    init?(programChain chain: ListedChain) {
        guard chain.attachment != nil else {
            guard ChainName(chain.name) != nil else { return nil }
            kind = .chain(chain.name.lowercased())
            return
        }
        guard let hook = Hook.allCases.first(where: { chain.name == "nat \($0.rawValue)" }) else {
            return nil
        }
        kind = .base(.nat, hook, isFirst: nil)
    }

    static let iptablesPrefix = "KUMA_MESH_"

    private init(kind: Kind) {
        self.kind = kind
    }

    init(_ stage: Stage, _ hook: Hook, isFirst: Bool?) {
        self.init(kind: .base(stage, hook, isFirst: isFirst))
    }

    /// Whether both are segments of one base chain.
    func isOtherSegment(of other: PlanList) -> Bool {
        guard case .base(let stage, let hook, let isFirst?) = kind else { return false }
        return other == PlanList(stage, hook, isFirst: !isFirst)
    }

    /// The list in a ruleset, for one that isn't in the plan any more.
    var location: RuleLocation.List? {
        switch kind {
        case .base(let stage, let hook, let isFirst):
            isFirst == true ? .first(stage, hook) : .last(stage, hook)
        case .chain(let name): ChainName(name.uppercased()).map { RuleLocation.List.chain($0) }
        }
    }
}

/// What a backend tells apart of a plan.
package enum PlanForm: Hashable, Sendable {
    /// The segments of a base chain are chains, and bypasses at the end of the first have no
    /// effect there.
    case nftables
    /// The segments are one chain, and each family has its own rules.
    case iptables
    /// The segments are one list for both families, and there are rules of the stage nat only.
    case ebpf

    /// The form of listed rules; nil if they aren't of a backend of tproxy.
    package init?(_ rules: ListedRules) {
        let names = rules.tables.map(\.name)
        let families = AddressFamily.allCases.map(\.displayName)
        if names.count == 1, names[0].hasPrefix("inet tproxy_") {
            self = .nftables
        } else if names.count == 1, names[0].hasPrefix("eBPF programs of ") {
            self = .ebpf
        } else if names.allSatisfy({ name in families.contains { name.hasSuffix(" of \($0)") } }) {
            self = .iptables
        } else {
            return nil
        }
    }
}
