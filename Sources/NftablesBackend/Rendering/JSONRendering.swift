import Addressing
import JSON
import RuleIR

/// Renders a table as libnftables-json(5).
extension NftTable {
    /// The set, chain and rule objects of a listing, without handles and elements.
    var objects: [JSONValue] {
        sets.map { ["set": .object($0.members(in: name))] }
            + chains.map { ["chain": $0.object(in: name)] }
            + chains.flatMap { chain in
                chain.rules.map { ["rule": $0.object(in: name, chain.name)] }
            }
    }
}

private func reference(to table: String) -> [String: JSONValue] {
    ["family": "inet", "table": .string(table)]
}

extension NftSet {
    /// Returns the members of the set's object, without its elements.
    func members(in table: String) -> [String: JSONValue] {
        var members = reference(to: table)
        members["name"] = .string(name)
        members["type"] =
            types.count == 1
            ? .string(types[0].rawValue) : .array(types.map { .string($0.rawValue) })
        if isInterval { members["flags"] = ["interval"] }
        return members
    }
}

extension NftChain {
    func object(in table: String) -> JSONValue {
        var members = reference(to: table)
        members["name"] = .string(name)
        if let base {
            members["type"] = .string(base.type)
            members["hook"] = .string(base.hook.rawValue)
            members["prio"] = .number(base.priority)
            members["policy"] = "accept"
        }
        return .object(members)
    }
}

extension NftRule {
    func object(in table: String, _ chain: String) -> JSONValue {
        var members = reference(to: table)
        members["chain"] = .string(chain)
        members["expr"] = .array(statements.flatMap(\.json))
        if let comment { members["comment"] = .string(comment) }
        return .object(members)
    }
}

extension AddressRange {
    var json: JSONValue {
        if let prefix { return prefix.json }
        return ["range": [.string("\(first)"), .string("\(last)")]]
    }
}

extension IPPrefix {
    var json: JSONValue {
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
            // The kernel stores 4 (warning) if no level is given.
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
