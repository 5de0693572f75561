import Addressing
import Glibc
import JSON
import RuleIR
import TextSearch

// Compared bytes in the form of libnftables-json(5).
extension LoadedOperand {
    func value(_ bytes: [UInt8]) -> JSONValue {
        switch kind {
        case .address(let family): return Self.address(bytes, family)
        case .port: return number(bytes)
        case .family:
            switch bytes {
            case [UInt8(AF_INET)]: return "ipv4"
            case [UInt8(AF_INET6)]: return "ipv6"
            case _: return number(bytes)
            }
        case .transport: return Self.transport(bytes) ?? number(bytes)
        case .etherType:
            switch bytes {
            case [0x08, 0x00]: return "ip"
            case [0x86, 0xDD]: return "ip6"
            case _: return Self.hexadecimal(bytes)
            }
        case .interfaceName: return .string(Self.interface(bytes))
        case .interfaceIndex:
            // LOOPBACK_IFINDEX: `lo` has index 1 in every network namespace.
            let index = number(bytes)
            return index == .number(1) ? "lo" : index
        case .bits(let names):
            let words = Self.words(bytes, names, isHostOrder)
            return words.map { $0.count == 1 ? $0[0] : .array($0) } ?? Self.hexadecimal(bytes)
        case .number: return number(bytes)
        case .opaque: return Self.hexadecimal(bytes)
        }
    }

    /// Returns an element of a set: a value, a prefix or a range.
    func element(_ first: [UInt8], _ last: [UInt8]) -> JSONValue {
        if first == last { return value(first) }
        if case .address(let family) = kind, first.count == family.bitWidth / 8,
            last.count == first.count,
            let range = AddressRange(
                IPAddress(family: family, bytes: first), IPAddress(family: family, bytes: last))
        {
            return range.json
        }
        return ["range": [value(first), value(last)]]
    }

    /// Returns a match statement; `test` is `==` or another comparison.
    func match(_ test: String, _ bytes: [UInt8]) -> JSONValue {
        guard let mask else { return Self.match(test, name, value(bytes)) }
        if case .address(let family) = kind, test == "==" || test == "!=",
            let length = Self.prefixLength(mask), mask.count == family.bitWidth / 8,
            bytes.count == mask.count,
            let prefix = IPPrefix(IPAddress(family: family, bytes: bytes), length: length)
        {
            return Self.match(test, name, prefix.json)
        }
        if case .bits = kind, bytes.allSatisfy({ $0 == 0 }) {
            // Tests whether any of the bits is set.
            if test == "!=" { return Self.match("in", name, value(mask)) }
            if test == "==" { return Self.match("!=", name, value(mask)) }
        }
        return Self.match(test, ["&": [name, value(mask)]], value(bytes))
    }

    static func match(_ test: String, _ left: JSONValue, _ right: JSONValue) -> JSONValue {
        ["match": ["op": .string(test), "left": left, "right": right]]
    }

    private func number(_ bytes: [UInt8]) -> JSONValue {
        guard bytes.count <= 8 else { return Self.hexadecimal(bytes) }
        let ordered = isHostOrder ? bytes.reversed() : bytes
        let number = ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(exactly: number).map { .number($0) } ?? Self.hexadecimal(bytes)
    }

    private static func address(_ bytes: [UInt8], _ family: AddressFamily) -> JSONValue {
        let width = family.bitWidth / 8
        guard bytes.count <= width else { return hexadecimal(bytes) }
        let address = IPAddress(
            family: family, bytes: bytes + Array(repeating: 0, count: width - bytes.count))
        return IPPrefix(address, length: bytes.count * 8)?.json ?? .string("\(address)")
    }

    private static func transport(_ bytes: [UInt8]) -> JSONValue? {
        guard bytes.count == 1 else { return nil }
        switch Int(bytes[0]) {
        case IPPROTO_TCP: return "tcp"
        case IPPROTO_UDP: return "udp"
        case IPPROTO_ICMP: return "icmp"
        case IPPROTO_IGMP: return "igmp"
        case IPPROTO_ICMPV6: return "ipv6-icmp"
        case IPPROTO_SCTP: return "sctp"
        case IPPROTO_DCCP: return "dccp"
        case IPPROTO_ESP: return "esp"
        case IPPROTO_AH: return "ah"
        case IPPROTO_GRE: return "gre"
        case _: return nil
        }
    }

    /// Returns an interface name, with `*` at the end if no zero terminates it.
    private static func interface(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        // nft escapes a `*` that belongs to the name.
        let name = text.replacing(text: "*", with: "\\*")
        return bytes.contains(0) ? name : name + "*"
    }

    /// Returns the names of the bits that are set; nil if one has no name or none is set.
    private static func words(
        _ bytes: [UInt8], _ names: [String], _ isHostOrder: Bool
    ) -> [JSONValue]? {
        let ordered = isHostOrder ? bytes.reversed() : bytes
        guard ordered.count <= 8 else { return nil }
        var number = ordered.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        var words: [JSONValue] = []
        for (bit, name) in names.enumerated() where number & 1 << UInt64(bit) != 0 && name != "" {
            words.append(.string(name))
            number &= ~(1 << UInt64(bit))
        }
        return number == 0 && !words.isEmpty ? words : nil
    }

    /// Returns the number of leading ones; nil if a one follows a zero.
    private static func prefixLength(_ mask: [UInt8]) -> Int? {
        let bits = mask.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        guard mask.count <= 16, bits != 0 else { return nil }
        let free = bits.trailingZeroBitCount
        let length = mask.count * 8 - free
        let all = (UInt128.max >> UInt128(128 - length)) << UInt128(free)
        return bits == all ? length : nil
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> JSONValue {
        .string(
            "0x"
                + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }
}
