import Addressing
import JSON
import RuleIR
import RuleTrace

/// A ruleset in the form that the page's interpreter reads (trace.js).
struct RulesetData {
    let ruleset: Ruleset
    /// The addresses of the host, if they are known.
    let addresses: LocalAddresses
    /// Returns where the user set a configuration path.
    let originOf: (String) -> String

    var json: JSONValue {
        [
            "families": .array(ruleset.families.map { .string($0.rawValue) }),
            "loopback": .string(addresses.loopback.text),
            "addresses": .array(
                (addresses.entries ?? []).map { entry in
                    [.string(entry.interface.text), .string("\(entry.address)")]
                }),
            "bases": .array(bases.map(data)),
            "chains": .object(
                Dictionary(ruleset.chains.map { ($0.name.text, data($0.rules, .chain($0.name))) }) {
                    $1
                }),
            "sets": .object(Dictionary(ruleset.sets.map { ($0.name.text, data($0)) }) { $1 }),
        ]
    }

    /// The base chains, in the order in which the kernel runs them on their hook.
    private var bases: [BaseChain] {
        Stage.allCases.flatMap { stage in
            Hook.allCases.compactMap { ruleset.baseChain(stage, $0) }
        }
    }

    private func data(_ base: BaseChain) -> JSONValue {
        [
            "stage": .string(base.stage.rawValue), "hook": .string(base.hook.rawValue),
            "first": data(base.first, .first(base.stage, base.hook)),
            "last": data(base.last, .last(base.stage, base.hook)),
        ]
    }

    private func data(_ rules: [Rule], _ list: RuleLocation.List) -> JSONValue {
        let words = RuleMessages(ruleset: ruleset)
        let isBase =
            switch list {
            case .first, .last: true
            case .chain: false
            }
        return .array(
            rules.enumerated().map { index, rule in
                [
                    "if": .array(rule.matches.map(\.data)), "then": rule.action.data,
                    "place": .string("\(RuleLocation(list, index))"),
                    "condition": .string(words.condition(rule.matches)),
                    "action": .string(words.actionWords(rule, isBase: isBase)),
                    "reason": .string(rule.rationale.reason), "key": .string(rule.rationale.key),
                    "origin": .string(originOf(rule.rationale.key)),
                ]
            })
    }

    private func data(_ set: NamedSet) -> JSONValue {
        switch set.members {
        case .addresses(_, let members): data("addresses", members)
        case .ports(let members): data("ports", members)
        case .ownedFlows(let members): data("flows", members)
        }
    }

    private func data<Value: CustomStringConvertible>(
        _ kind: String, _ members: [NamedSet.Member<Value>]
    ) -> JSONValue {
        [
            "kind": .string(kind),
            "members": .string(members.map(\.value.description).joined(separator: " ")),
            "sources": FrontCoding.data(members.map(\.source)),
            "origins": FrontCoding.data(members.map { originOf($0.source) }),
        ]
    }
}

/// A compact encoding of texts that share prefixes.
enum FrontCoding {
    /// For each text, how many UTF-16 units of the one before it to keep, and the rest.
    static func data(_ texts: [String]) -> JSONValue {
        var items: [JSONValue] = []
        var before = ""
        for text in texts {
            let kept = zip(before.utf16, text.utf16).prefix { $0 == $1 }.count
            // A prefix must not end between the halves of a surrogate pair.
            let rest = String(text.utf16.dropFirst(kept))
            items += rest.map { [.number(kept), .string($0)] } ?? [.number(0), .string(text)]
            before = text
        }
        return .array(items)
    }
}
