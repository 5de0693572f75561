package import Addressing

/// All that one installation puts into the kernel, for any backend.
///
/// The same ruleset means the same to every packet through every backend; `RuleTrace` is the
/// definition of that meaning.
package struct Ruleset: Hashable, Sendable, Codable {
    package var instance: InstanceName
    /// The families whose packets the rules see, IPv4 first.
    ///
    /// Packets of another pass by.
    package var families: [AddressFamily]
    package var sets: [NamedSet]
    /// At most one for each stage and hook.
    package var baseChains: [BaseChain]
    package var chains: [Chain]
    /// An address that must be on the loopback interface for the rules to work.
    package var loopbackAlias: LoopbackAlias?
    /// Whether rules carry their reason into the kernel.
    package var hasComments: Bool

    package init(
        instance: InstanceName, families: [AddressFamily], sets: [NamedSet] = [],
        baseChains: [BaseChain] = [], chains: [Chain] = [], loopbackAlias: LoopbackAlias? = nil,
        hasComments: Bool = true
    ) {
        self.instance = instance
        self.families = families
        self.sets = sets
        self.baseChains = baseChains
        self.chains = chains
        self.loopbackAlias = loopbackAlias
        self.hasComments = hasComments
    }

    package func set(named name: SetName) -> NamedSet? {
        sets.first { $0.name == name }
    }

    package func chain(named name: ChainName) -> Chain? {
        chains.first { $0.name == name }
    }

    package func baseChain(_ stage: Stage, _ hook: Hook) -> BaseChain? {
        baseChains.first { $0.stage == stage && $0.hook == hook }
    }
}

/// An address that the proxy sends from and that the kernel must hold for its own: `::6/128`.
///
/// 127.0.0.6 needs nothing, because all of 127.0.0.0/8 is local; IPv6 has one loopback address.
package struct LoopbackAlias: Hashable, Sendable {
    package var prefix: IPPrefix
    package var interface: InterfaceName

    package init(prefix: IPPrefix, interface: InterfaceName) {
        self.prefix = prefix
        self.interface = interface
    }
}

extension LoopbackAlias {
    /// The form that a backend keeps in the kernel: `::6@lo`.
    package var token: String { "\(prefix.address)@\(interface)" }

    /// Reads `token`.
    package init?(token: String) {
        let parts = token.split(separator: "@", maxSplits: 1).map(String.init)
        guard parts.count == 2, let prefix = IPPrefix(parts[0]),
            let interface = InterfaceName(parts[1])
        else { return nil }
        self.init(prefix: prefix, interface: interface)
    }
}

extension LoopbackAlias: CustomStringConvertible {
    /// As ip-address(8) would take it: `::6/128 on lo`.
    package var description: String { "\(prefix.address)/\(prefix.length) on \(interface)" }
}

/// Where in a ruleset a rule stands.
package struct RuleLocation: Hashable, Sendable, CustomStringConvertible {
    package enum List: Hashable, Sendable {
        case first(Stage, Hook)
        case last(Stage, Hook)
        case chain(ChainName)
    }

    package var list: List
    /// 0-based.
    package var index: Int

    package init(_ list: List, _ index: Int) {
        self.list = list
        self.index = index
    }

    /// `nat output first, rule 2`, `chain OUTBOUND, rule 5`; counted from 1.
    package var description: String {
        let place =
            switch list {
            case .first(let stage, let hook): "\(stage.rawValue) \(hook.rawValue) first"
            case .last(let stage, let hook): "\(stage.rawValue) \(hook.rawValue) last"
            case .chain(let name): "chain \(name)"
            }
        return "\(place), rule \(index + 1)"
    }
}

extension Ruleset {
    /// Every rule with its place, in the order of the stages and then of the chains.
    package var locatedRules: [(location: RuleLocation, rule: Rule)] {
        var located: [(location: RuleLocation, rule: Rule)] = []
        func add(_ rules: [Rule], _ list: RuleLocation.List) {
            for (index, rule) in rules.enumerated() {
                located.append((RuleLocation(list, index), rule))
            }
        }
        for base in baseChains {
            add(base.first, .first(base.stage, base.hook))
            add(base.last, .last(base.stage, base.hook))
        }
        for chain in chains {
            add(chain.rules, .chain(chain.name))
        }
        return located
    }
}
