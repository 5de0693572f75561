package import Addressing

/// Everything that one installation loads into the kernel, for any backend.
///
/// Every backend gives a ruleset the same meaning for every packet; `RuleTrace` defines that
/// meaning.
package struct Ruleset: Hashable, Sendable, Codable {
    package var instance: InstanceName
    /// The families whose packets the rules see, IPv4 first.
    ///
    /// The rules don't see packets of other families.
    package var families: [AddressFamily]
    package var sets: [NamedSet]
    /// The base chains, at most one for each stage and hook.
    package var baseChains: [BaseChain]
    package var chains: [Chain]
    /// The host prerequisites, in the order in which they are made, without duplicates.
    package var prerequisites: [HostPrerequisite]
    /// Whether rules carry their reason into the kernel as a comment.
    package var hasComments: Bool

    package init(
        instance: InstanceName, families: [AddressFamily], sets: [NamedSet] = [],
        baseChains: [BaseChain] = [], chains: [Chain] = [], prerequisites: [HostPrerequisite] = [],
        hasComments: Bool = true
    ) {
        self.instance = instance
        self.families = families
        self.sets = sets
        self.baseChains = baseChains
        self.chains = chains
        self.prerequisites = prerequisites
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

/// The location of a rule in a ruleset.
package struct RuleLocation: Hashable, Sendable, CustomStringConvertible {
    package enum List: Hashable, Sendable, CustomStringConvertible {
        case first(Stage, Hook)
        case last(Stage, Hook)
        case chain(ChainName)

        /// The list as text: `nat output first`, `chain OUTBOUND`.
        package var description: String {
            switch self {
            case .first(let stage, let hook): "\(stage.rawValue) \(hook.rawValue) first"
            case .last(let stage, let hook): "\(stage.rawValue) \(hook.rawValue) last"
            case .chain(let name): "chain \(name)"
            }
        }

        /// Whether the list is a segment of a base chain.
        package var isBase: Bool {
            switch self {
            case .first, .last: true
            case .chain: false
            }
        }
    }

    package var list: List
    /// The index in the chain or segment, from 0.
    package var index: Int

    package init(_ list: List, _ index: Int) {
        self.list = list
        self.index = index
    }

    /// The location as text: `nat output first, rule 2`, `chain OUTBOUND, rule 5`.
    ///
    /// Rules are counted from 1.
    package var description: String { "\(list), rule \(index + 1)" }
}

extension Ruleset {
    /// Every rule with its location, in the order of the stages and then of the chains.
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

extension Ruleset {
    /// Whether rules leave packets to Docker's chain `DOCKER_OUTPUT`, which exists for IPv4.
    ///
    /// iptables jumps to it, so it must be in the tables of the same flavour; nftables needs no
    /// jump.
    package var yieldsToDocker: Bool {
        families.contains(.ipv4)
            && locatedRules.contains { $0.rule.action == .yieldToDockerDNS }
    }
}
