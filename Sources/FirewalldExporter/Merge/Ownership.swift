import IptablesRules
import RuleIR

/// Whose the elements of a `direct.xml` are.
///
/// firewalld rewrites the file when an admin changes permanent direct rules, and loses comments. So ours
/// must be known by themselves: a table with the chain `KUMA_MESH_TPROXY` is ours, and that chain
/// holds a copy of each of our rules in built-in chains. Kuma's names without that chain are kumactl's.
struct Ownership {
    enum Owner: Hashable {
        case tproxy
        case kumactl
        case other
    }

    /// What each table's chain `KUMA_MESH_TPROXY` says; nil where it says nothing that makes sense.
    private let ownerships: [DirectNode.Place: OwnershipChain?]

    /// Looks at elements that belong together: those of one block, or those outside of any.
    init(_ nodes: [DirectNode]) {
        let ownerships = nodes.filter {
            $0.name != .passthrough && $0.chain == IptablesChain.ownership
        }
        self.ownerships = Dictionary(grouping: ownerships, by: \.place).mapValues(Self.ownership)
    }

    /// The prerequisites that were made for the rules.
    var ownedPrerequisites: [HostPrerequisite] {
        Set(ownerships.values.flatMap { $0?.ownedPrerequisites ?? [] }).sorted()
    }

    /// Who made each element, in order.
    func owners(of nodes: [DirectNode]) -> [Owner] {
        var copies = ownerships.mapValues { Copies($0?.copied ?? []) }
        return nodes.map { node in
            guard node.name != .passthrough else { return .other }
            guard copies[node.place] != nil else {
                return Self.hasKumasName(node) ? .kumactl : .other
            }
            guard !Self.isInKumasChain(node) else { return .tproxy }
            let isCopied = copies[node.place]?.takeOut(node) ?? false
            return isCopied || Self.hasKumasName(node) ? .tproxy : .other
        }
    }

    /// What the chain says, whichever order its rules came to stand in.
    private static func ownership(_ nodes: [DirectNode]) -> OwnershipChain? {
        let rules = nodes.filter { $0.name == .rule }
            .map {
                (priority: Int($0.attributes["priority"] ?? "") ?? 0, words: $0.arguments ?? [])
            }
            .enumerated().sorted {
                ($0.element.priority, $0.offset) < ($1.element.priority, $1.offset)
            }
        return OwnershipChain(rules.map { IptablesRule(words: $0.element.words) })
    }

    private static func isInKumasChain(_ node: DirectNode) -> Bool {
        node.chain.hasPrefix(IptablesChain.prefix)
    }

    /// Kuma's chains, rules in them, jumps to them, and rules with Kuma's comment.
    private static func hasKumasName(_ node: DirectNode) -> Bool {
        guard !isInKumasChain(node) else { return true }
        guard node.name == .rule, let words = node.arguments else { return false }
        let pairs = zip(words, words.dropFirst())
        return pairs.contains { option, value in
            switch option {
            case "--comment": value.hasPrefix(IptablesComment.prefix)
            case "-j", "--jump", "-g", "--goto": value.hasPrefix(IptablesChain.prefix)
            case _: false
            }
        }
    }
}

/// How many rules of each kind the ownership speaks for.
private struct Copies {
    private struct Rule: Hashable {
        var chain: String
        var rule: IptablesRule
    }

    private var counts: [Rule: Int] = [:]

    init(_ copies: [OwnershipChain.Copy]) {
        for copy in copies {
            counts[Rule(chain: copy.chain, rule: copy.rule), default: 0] += 1
        }
    }

    /// Whether one was a copy of the rule; each stands for one rule.
    mutating func takeOut(_ node: DirectNode) -> Bool {
        guard node.name == .rule, let words = node.arguments else { return false }
        let copy = Rule(chain: node.chain, rule: IptablesRule(words: words))
        guard let count = counts[copy], count > 0 else { return false }
        counts[copy] = count - 1
        return true
    }
}
