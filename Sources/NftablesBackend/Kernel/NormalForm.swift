import RuleIR

/// What a table comes to, whichever way its objects were written or listed.
///
/// Handles are left out, counters are zero, elements and objects are in one order. Two tables are
/// the same if their normal forms are.
struct NormalForm {
    /// Sets and chains by name, each with all that belongs to it; the identity set left out.
    let value: JSONValue

    /// Takes the objects of a listing, or of `NftTable.objects`.
    init(_ objects: [JSONValue]) {
        var sets: [String: JSONValue] = [:]
        var chains: [String: JSONValue] = [:]
        var rules: [String: [JSONValue]] = [:]
        for object in objects {
            if let set = object["set"], let name = set["name"]?.string, name != Identity.setName {
                sets[name] = Self.set(set)
            } else if let chain = object["chain"], let name = chain["name"]?.string {
                chains[name] = Self.keeping(["type", "hook", "prio", "policy"], of: chain)
            } else if let rule = object["rule"], let chain = rule["chain"]?.string {
                rules[chain, default: []].append(Self.rule(rule))
            }
        }
        value = [
            "sets": .object(sets), "chains": .object(chains),
            "rules": .object(rules.mapValues { .array($0) }),
        ]
    }

    /// SHA-256 of the compact JSON with sorted keys.
    func digest() throws(Jansson.Failure) -> String {
        SHA256.hexadecimal(try Jansson.text(value, .compact).utf8)
    }

    private static func set(_ set: JSONValue) -> JSONValue {
        var members = keeping(["type", "flags"], of: set)
        // Elements come in the kernel's order; a digest of each is enough to sort by.
        let elements = (set["elem"]?.array ?? []).map { ($0.sortText, $0) }
            .sorted { $0.0 < $1.0 }.map(\.1)
        members = members.adding("elem", .array(elements))
        return members
    }

    private static func rule(_ rule: JSONValue) -> JSONValue {
        let statements = (rule["expr"]?.array ?? []).map { statement -> JSONValue in
            statement["counter"] == nil ? statement : ["counter": .null]
        }
        return keeping(["comment"], of: rule).adding("expr", .array(statements))
    }

    private static func keeping(_ keys: [String], of object: JSONValue) -> JSONValue {
        var kept: [String: JSONValue] = [:]
        for key in keys {
            if let member = object[key] { kept[key] = member }
        }
        return .object(kept)
    }
}

extension JSONValue {
    fileprivate func adding(_ key: String, _ value: JSONValue) -> JSONValue {
        guard case .object(var members) = self else { return self }
        members[key] = value
        return .object(members)
    }

    /// A text that differs when the values do.
    fileprivate var sortText: String {
        switch self {
        case .null: "null"
        case .bool(let flag): "\(flag)"
        case .number(let number): "\(number)"
        case .string(let text): text
        case .array(let items): "[" + items.map(\.sortText).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value.sortText)" }
                .joined(separator: ",") + "}"
        }
    }
}
