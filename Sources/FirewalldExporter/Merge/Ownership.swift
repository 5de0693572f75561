import IptablesRules
import RuleIR

/// Finds the owner of each element of a `direct.xml`.
///
/// When an administrator changes permanent direct rules, firewalld rewrites the file without
/// comments. So our elements must be recognizable without them: a table with the chain
/// `KUMA_MESH_TPROXY` is ours, and that chain contains a copy of each of our rules in built-in
/// chains. Kuma's names without that chain are kumactl's.
struct Ownership {
    enum Owner: Hashable {
        case tproxy
        case kumactl
        case other
    }

    /// The ownership record of each table with a chain `KUMA_MESH_TPROXY`; nil if it is invalid.
    private let ownerships: [DirectNode.Place: OwnershipChain?]

    /// Creates the owners of one group of elements: those of one block, or those outside of it.
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

    /// Returns the owner of each element, in order.
    func owners(of nodes: [DirectNode]) -> [Owner] {
        var copies = ownerships.mapValues { Copies($0?.copied ?? []) }
        return nodes.map { node in
            guard node.name != .passthrough else { return .other }
            guard copies[node.place] != nil else {
                return Self.hasKumaName(node) ? .kumactl : .other
            }
            guard !Self.isInKumaChain(node) else { return .tproxy }
            let isCopied = copies[node.place]?.removeCopy(of: node) ?? false
            return isCopied || Self.hasKumaName(node) ? .tproxy : .other
        }
    }

    /// Reads the ownership record from rules in any order.
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

    private static func isInKumaChain(_ node: DirectNode) -> Bool {
        node.chain.hasPrefix(IptablesChain.prefix)
    }

    /// Whether the element is one of Kuma's chains, a rule in one, a jump to one, or has Kuma's
    /// comment.
    private static func hasKumaName(_ node: DirectNode) -> Bool {
        guard !isInKumaChain(node) else { return true }
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

/// The number of copies of each rule in the ownership chain.
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

    /// Removes one copy of the rule; returns false if there is none.
    mutating func removeCopy(of node: DirectNode) -> Bool {
        guard node.name == .rule, let words = node.arguments else { return false }
        let copy = Rule(chain: node.chain, rule: IptablesRule(words: words))
        guard let count = counts[copy], count > 0 else { return false }
        counts[copy] = count - 1
        return true
    }
}
