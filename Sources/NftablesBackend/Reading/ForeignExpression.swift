import Addressing
import CMnl
import Glibc
import JSON

/// An expression that no rule of ours has.
struct ForeignExpression {
    let name: String
    let data: AttributeList

    /// Reads the words of an item of NFTA_RULE_EXPRESSIONS.
    init(_ words: [UInt32]) {
        self.init(AttributeList(words[...]))
    }

    /// Takes an item of NFTA_RULE_EXPRESSIONS.
    init(_ item: Attribute) {
        self.init(item.nested)
    }

    private init(_ item: AttributeList) {
        let text = item[NFTA_EXPR_NAME]?.text ?? ""
        name = text.isEmpty ? "expression" : text
        data = item[NFTA_EXPR_DATA]?.nested ?? AttributeList([])
    }

    /// NFTA_MATCH_NAME and NFTA_TARGET_NAME of <linux/netfilter/nf_tables_compat.h>.
    private static let extensionNameType: UInt32 = 1

    /// The name that iptables gives to the extension of a `match` or a `target`.
    var extensionName: String {
        (data.first { $0.type == Self.extensionNameType })?.text ?? ""
    }

    /// The register that the expression writes, where it reads the packet or its route.
    fileprivate var destination: UInt32? {
        let type: UInt32
        switch name {
        case "meta": type = NFTA_META_DREG.rawValue
        case "payload": type = NFTA_PAYLOAD_DREG.rawValue
        case "ct": type = NFTA_CT_DREG.rawValue
        case "bitwise": type = NFTA_BITWISE_DREG.rawValue
        case "byteorder": type = NFTA_BYTEORDER_DREG.rawValue
        case "lookup": type = NFTA_LOOKUP_DREG.rawValue
        case "exthdr": type = NFTA_EXTHDR_DREG.rawValue
        case "fib": type = NFTA_FIB_DREG.rawValue
        case "hash": type = NFTA_HASH_DREG.rawValue
        case "numgen": type = NFTA_NG_DREG.rawValue
        case "osf": type = NFTA_OSF_DREG.rawValue
        case "rt": type = NFTA_RT_DREG.rawValue
        case "socket": type = NFTA_SOCKET_DREG.rawValue
        case "xfrm": type = NFTA_XFRM_DREG.rawValue
        case _: return nil
        }
        return data.first { $0.type == type }?.number
    }
}

extension StatementReader {
    mutating func add(_ expression: ForeignExpression) {
        let data = expression.data
        if let destination = expression.destination, destination != Register.verdict {
            return load(operands(expression), destination)
        }
        switch expression.name {
        case "cmp": compare(data)
        case "lookup": addVerdictMap(data)
        case "meta":
            let operand = LoadedOperand(meta: data[NFTA_META_KEY]?.number ?? 0)
            add(mangling(operand, data[NFTA_META_SREG]?.number ?? 0))
        case "ct":
            let operand = LoadedOperand(
                connection: data[NFTA_CT_KEY]?.number ?? 0,
                direction: data[NFTA_CT_DIRECTION].map { UInt32($0.bytes.first ?? 0) })
            add(mangling(operand, data[NFTA_CT_SREG]?.number ?? 0))
        case "payload":
            let field = PayloadField(data)
            for operand in operands(of: field) {
                add(mangling(operand, data[NFTA_PAYLOAD_SREG]?.number ?? 0))
            }
        case "nat": add(translation(data))
        case "masq": add(["masquerade": .null])
        case "redir": add(redirection(data))
        case "reject": add(Self.rejection(data))
        case "limit": add(Self.limit(data))
        case "log": add(Self.log(data))
        case "match", "target":
            add(
                [
                    "xt": [
                        "type": .string(expression.name),
                        "name": .string(expression.extensionName),
                    ]
                ])
        case _: add([expression.name: .null])
        }
    }

    /// Returns the operands that the expression reads, in nft's terms or by the expression's name.
    private mutating func operands(_ expression: ForeignExpression) -> [LoadedOperand] {
        let data = expression.data
        switch expression.name {
        case "ct":
            let direction = data[NFTA_CT_DIRECTION].map { UInt32($0.bytes.first ?? 0) }
            return [
                LoadedOperand(connection: data[NFTA_CT_KEY]?.number ?? 0, direction: direction)
            ]
        case "payload": return operands(of: PayloadField(data))
        case "bitwise", "byteorder":
            let source = (data[NFTA_BITWISE_SREG]?.number).map { operand($0) } ?? .null
            return [LoadedOperand(name: [expression.name: source], kind: .opaque, length: 4)]
        case "lookup":
            let set = data[NFTA_LOOKUP_SET]?.text ?? ""
            let source = (data[NFTA_LOOKUP_SREG]?.number).map { operand($0) } ?? .null
            return [
                LoadedOperand(
                    name: ["map": ["key": source, "data": .string("@\(set)")]], kind: .opaque,
                    length: 4)
            ]
        case _: return [LoadedOperand(words: expression.name)]
        }
    }

    private mutating func compare(_ data: AttributeList) {
        let tests = ["==", "!=", "<", "<=", ">", ">="]
        guard let register = data[NFTA_CMP_SREG]?.number, let test = data[NFTA_CMP_OP]?.number,
            tests.indices.contains(Int(test)),
            let bytes = data[NFTA_CMP_DATA]?.nested[NFTA_DATA_VALUE]?.bytes
        else { return add(["cmp": .null]) }
        compare(register, tests[Int(test)], bytes)
    }

    private mutating func addVerdictMap(_ data: AttributeList) {
        guard let register = data[NFTA_LOOKUP_SREG]?.number, let set = data[NFTA_LOOKUP_SET]?.text
        else { return add(["lookup": .null]) }
        lookup(register, set, false)
    }

    private func translation(_ data: AttributeList) -> JSONValue {
        let keyword = data[NFTA_NAT_TYPE]?.number == NFT_NAT_DNAT.rawValue ? "dnat" : "snat"
        var members: [String: JSONValue] = [:]
        let isIPv4 = data[NFTA_NAT_FAMILY]?.number == UInt32(AF_INET)
        if let register = data[NFTA_NAT_REG_ADDR_MIN]?.number {
            members["family"] = isIPv4 ? "ip" : "ip6"
            members["addr"] = ends(
                register, data[NFTA_NAT_REG_ADDR_MAX]?.number, .address(isIPv4 ? .ipv4 : .ipv6))
        }
        if let register = data[NFTA_NAT_REG_PROTO_MIN]?.number {
            members["port"] = ends(register, data[NFTA_NAT_REG_PROTO_MAX]?.number, .port)
        }
        return [keyword: .object(members)]
    }

    private func redirection(_ data: AttributeList) -> JSONValue {
        guard let register = data[NFTA_REDIR_REG_PROTO_MIN]?.number else {
            return ["redirect": .null]
        }
        var members = ["port": ends(register, data[NFTA_REDIR_REG_PROTO_MAX]?.number, .port)]
        let flags = (data[NFTA_REDIR_FLAGS]?.number ?? 0) & ~Expression.portIsGiven
        if flags != 0 { members["flags"] = .number(Int(flags)) }
        return ["redirect": .object(members)]
    }

    /// Returns the value in a register, or the range in two.
    private func ends(
        _ first: UInt32, _ last: UInt32?, _ kind: LoadedOperand.Kind
    ) -> JSONValue {
        let start = value(first, kind)
        guard let last, value(last, kind) != start else { return start }
        return ["range": [start, value(last, kind)]]
    }

    private static func rejection(_ data: AttributeList) -> JSONValue {
        // A TCP reset has no code.
        guard data[NFTA_REJECT_TYPE]?.number != NFT_REJECT_TCP_RST.rawValue else {
            return ["reject": ["type": "tcp reset"]]
        }
        let code = data[NFTA_REJECT_ICMP_CODE].map { Int($0.bytes.first ?? 0) } ?? 0
        let isPlain =
            data[NFTA_REJECT_TYPE]?.number == NFT_REJECT_ICMPX_UNREACH.rawValue
            && code == NFT_REJECT_ICMPX_PORT_UNREACH.rawValue
        return ["reject": isPlain ? .null : ["code": .number(code)]]
    }

    private static func limit(_ data: AttributeList) -> JSONValue {
        let units = [
            1: "second", 60: "minute", 3600: "hour", 86_400: "day", 604_800: "week",
        ]
        let unit = Int(clamping: data[NFTA_LIMIT_UNIT]?.longNumber ?? 0)
        var members: [String: JSONValue] = [
            "rate": .number(Int(clamping: data[NFTA_LIMIT_RATE]?.longNumber ?? 0)),
            "per": .string(units[unit] ?? "\(unit) seconds"),
            "burst": .number(Int(data[NFTA_LIMIT_BURST]?.number ?? 0)),
        ]
        if data[NFTA_LIMIT_TYPE]?.number == NFT_LIMIT_PKT_BYTES.rawValue {
            members["rate_unit"] = "bytes"
        }
        if data[NFTA_LIMIT_FLAGS]?.number == NFT_LIMIT_F_INV.rawValue {
            members["inv"] = .bool(true)
        }
        return ["limit": .object(members)]
    }

    private static func log(_ data: AttributeList) -> JSONValue {
        var members: [String: JSONValue] = [:]
        if let prefix = data[NFTA_LOG_PREFIX]?.text { members["prefix"] = .string(prefix) }
        if let group = data[NFTA_LOG_GROUP] {
            members["group"] = .number(group.bytes.reduce(0) { $0 << 8 | Int($1) })
        }
        if let level = data[NFTA_LOG_LEVEL]?.number, level != 4 {
            members["level"] = .number(Int(level))
        }
        if let flags = data[NFTA_LOG_FLAGS]?.number, flags != 0 {
            members["flags"] = .number(Int(flags))
        }
        return ["log": members.isEmpty ? .null : .object(members)]
    }
}

extension PayloadField {
    fileprivate init(_ data: AttributeList) {
        self.init(
            base: data[NFTA_PAYLOAD_BASE]?.number ?? 0,
            offset: data[NFTA_PAYLOAD_OFFSET]?.number ?? 0,
            length: data[NFTA_PAYLOAD_LEN]?.number ?? 0)
    }
}
