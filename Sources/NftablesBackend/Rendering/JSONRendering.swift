import Addressing
import RuleIR

/// libnftables-json(5) of a table.
extension NftTable {
    private var reference: [String: JSONValue] { ["family": "inet", "table": .string(name)] }

    private var tableObject: JSONValue {
        ["table": ["family": "inet", "name": .string(name)]]
    }

    /// The set, chain and rule objects as a listing has them, less the handles.
    var objects: [JSONValue] {
        sets.map { ["set": object(of: $0)] }
            + chains.map { ["chain": object(of: $0)] }
            + chains.flatMap { chain in
                chain.rules.map { ["rule": object(of: $0, in: chain.name)] }
            }
    }

    /// One transaction that puts this table in the place of one of the same name, if there is one.
    ///
    /// The first `add` is there so that `delete` always finds a table; 1.0.6 has no `destroy`.
    var replacement: JSONValue {
        let commands: [JSONValue] =
            [["add": tableObject], ["delete": tableObject], ["add": tableObject]]
            + objects.map { ["add": $0] }
        return ["nftables": .array(commands)]
    }

    private func object(of set: NftSet) -> JSONValue {
        var members = reference
        members["name"] = .string(set.name)
        members["type"] =
            set.types.count == 1
            ? .string(set.types[0].rawValue) : .array(set.types.map { .string($0.rawValue) })
        if set.isInterval { members["flags"] = ["interval"] }
        if !set.elements.isEmpty { members["elem"] = .array(set.elements.map(\.json)) }
        return .object(members)
    }

    private func object(of chain: NftChain) -> JSONValue {
        var members = reference
        members["name"] = .string(chain.name)
        if let base = chain.base {
            members["type"] = .string(base.type)
            members["hook"] = .string(base.hook.rawValue)
            members["prio"] = .number(base.priority)
            members["policy"] = "accept"
        }
        return .object(members)
    }

    private func object(of rule: NftRule, in chain: String) -> JSONValue {
        var members = reference
        members["chain"] = .string(chain)
        members["expr"] = .array(rule.statements.flatMap(\.json))
        if let comment = rule.comment { members["comment"] = .string(comment) }
        return .object(members)
    }
}

extension NftElement {
    fileprivate var json: JSONValue {
        switch self {
        case .addresses(let range): range.json
        case .ports(let range): range.json
        case .flow(let owners, let ports): ["concat": [owners.json, ports.json]]
        case .note(let number, let comment):
            ["elem": ["val": .number(number), "comment": .string(comment)]]
        }
    }
}

extension AddressRange {
    fileprivate var json: JSONValue {
        if let prefix { return prefix.json }
        return ["range": [.string("\(first)"), .string("\(last)")]]
    }
}

extension IPPrefix {
    fileprivate var json: JSONValue {
        if isSingle { return .string("\(address)") }
        return ["prefix": ["addr": .string("\(address)"), "len": .number(length)]]
    }
}

extension PortRange {
    fileprivate var json: JSONValue {
        let ends = [first, last].map { JSONValue.number(Int($0.number)) }
        return first == last ? ends[0] : ["range": .array(ends)]
    }
}

extension UserIDRange {
    fileprivate var json: JSONValue {
        let ends = [first, last].map { JSONValue.number(Int($0.number)) }
        return first == last ? ends[0] : ["range": .array(ends)]
    }
}

extension NftStatement {
    fileprivate var json: [JSONValue] {
        switch self {
        case .match(let operand, let isNegated, let value):
            let test = isNegated ? "!=" : operand == .connectionState ? "in" : "=="
            return [
                ["match": ["op": .string(test), "left": operand.json, "right": value.json]]
            ]
        case .counter: return [["counter": ["packets": 0, "bytes": 0]]]
        case .log(let prefix, let level):
            // 4 (warning) is the level where none is named, and the kernel lists it so.
            let named: [String: JSONValue] =
                level.number == 4 ? [:] : ["level": .string(level.nftName)]
            let words = named.merging(["prefix": .string(prefix.rawValue)]) { level, _ in level }
            return [["log": .object(words)]]
        case .redirect(let port): return [["redirect": ["port": .number(Int(port.number))]]]
        case .setZone(let zone):
            return [
                ["mangle": ["key": ["ct": ["key": "zone"]], "value": .number(Int(zone))]]
            ]
        case .return: return [["return": .null]]
        case .accept: return [["accept": .null]]
        case .drop: return [["drop": .null]]
        case .jump(let chain): return [["jump": ["target": .string(chain)]]]
        case .goto(let chain): return [["goto": ["target": .string(chain)]]]
        }
    }
}

extension NftOperand {
    var json: JSONValue {
        switch self {
        case .nfproto: Self.meta("nfproto")
        case .l4proto: Self.meta("l4proto")
        case .sourceAddress(let family): Self.payload(family.header, "saddr")
        case .destinationAddress(let family): Self.payload(family.header, "daddr")
        case .sourcePort(let transport): Self.payload(transport.rawValue, "sport")
        case .destinationPort(let transport): Self.payload(transport.rawValue, "dport")
        case .inputInterface: Self.meta("iifname")
        case .outputInterface: Self.meta("oifname")
        case .owner: Self.meta("skuid")
        case .connectionState: ["ct": ["key": "state"]]
        case .ownedFlow(let transport, inIntervals: _):
            ["concat": [Self.meta("skuid"), Self.payload(transport.rawValue, "dport")]]
        }
    }

    private static func meta(_ key: String) -> JSONValue { ["meta": ["key": .string(key)]] }

    private static func payload(_ header: String, _ field: String) -> JSONValue {
        ["payload": ["protocol": .string(header), "field": .string(field)]]
    }
}

extension NftValue {
    fileprivate var json: JSONValue {
        switch self {
        case .family(let family): .string(family.rawValue)
        case .transport(let transport): .string(transport.rawValue)
        case .prefix(let prefix): prefix.json
        case .port(let port): .number(Int(port.number))
        case .ports(let ports): ports.json
        case .user(let user): .number(Int(user.number))
        case .users(let users): users.json
        case .interface(let pattern): .string(pattern.nftText)
        case .state(let state): .string(state.rawValue)
        case .set(let name): .string("@\(name)")
        }
    }
}
