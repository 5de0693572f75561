import Addressing
import CMnl
import Glibc
import JSON
import RuleIR

/// Decompiles the expressions of a loaded rule to statements of libnftables-json(5).
///
/// It leaves out what nft adds: the match of the family before a header field of that family, and
/// of the protocol before a port. An unknown expression becomes a statement of its name.
struct StatementReader {
    /// The operands in the register at each byte; several for adjacent operands.
    private var registers: [Int: [LoadedOperand]] = [:]
    private var values: [Int: [UInt8]] = [:]
    /// The statements; nil for one that a later match implies.
    private var made: [JSONValue?] = []
    private var family: AddressFamily?
    private var transport: UInt8?
    /// The positions of the matches of the family and the protocol.
    private var familyQuestion: Int?
    private var transportQuestion: Int?
    private let sets: LoadedSets

    var statements: [JSONValue] { made.compactMap(\.self) }

    init(_ expressions: [ListedExpression], _ sets: LoadedSets) {
        self.sets = sets
        var rest = expressions[...]
        while let next = rest.popFirst() {
            switch next {
            case .known(.compare(let register, .isAtLeast, let first)):
                guard case .known(.compare(register, .isAtMost, let last))? = rest.first else {
                    compare(register, ">=", first)
                    continue
                }
                rest = rest.dropFirst()
                range(register, "==", first, last)
            case .known(let known): add(known)
            case .other(let words): add(ForeignExpression(words))
            }
        }
    }

    private mutating func add(_ expression: Expression) {
        switch expression {
        case .meta(let key, let register): load([LoadedOperand(meta: key)], register)
        case .connection(let key, let register): load([LoadedOperand(connection: key)], register)
        case .payload(let field, let register): load(operands(of: field), register)
        case .mask(let register, let mask): change(register) { $0.mask = mask }
        case .networkOrder(let register, _, _): change(register) { $0.isHostOrder = false }
        case .compare(let register, .is, let bytes): compare(register, "==", bytes)
        case .compare(let register, .isNot, let bytes): compare(register, "!=", bytes)
        case .compare(let register, .isAtLeast, let bytes): compare(register, ">=", bytes)
        case .compare(let register, .isAtMost, let bytes): compare(register, "<=", bytes)
        case .range(let register, let first, let last, let isNegated):
            range(register, isNegated ? "!=" : "==", first, last)
        case .lookup(let register, let set, let isNegated): lookup(register, set, isNegated)
        case .counter: made.append(["counter": .null])
        case .log(let prefix, let level): made.append(Self.log(prefix, level))
        case .value(let register, let bytes): values[Self.place(register)] = bytes
        case .verdict(let code, let chain): made.append(Self.verdict(code, chain))
        case .redirect(let register):
            made.append(["redirect": ["port": value(register, .port)]])
        case .setZone(let register):
            made.append(mangling(LoadedOperand(connection: NFT_CT_ZONE.rawValue), register))
        }
    }

    // MARK: Registers

    /// Returns the byte offset of a register of `enum nft_registers`.
    private static func place(_ register: UInt32) -> Int {
        let words = NFT_REG32_00.rawValue
        return register >= words
            ? Int(register - words) * 4 : (Int(register) - Int(Register.first)) * 16
    }

    mutating func load(_ operands: [LoadedOperand], _ register: UInt32) {
        registers[Self.place(register)] = operands
        values[Self.place(register)] = nil
    }

    private mutating func change(_ register: UInt32, _ body: (inout LoadedOperand) -> Void) {
        guard var operands = registers[Self.place(register)], operands.count == 1 else { return }
        body(&operands[0])
        registers[Self.place(register)] = operands
    }

    /// Returns the operands in the `length` bytes from the register on.
    func operands(_ register: UInt32, _ length: Int) -> [LoadedOperand] {
        var operands: [LoadedOperand] = []
        var place = Self.place(register)
        let end = place + length
        while place < end, let found = registers[place] {
            operands += found
            place += max(found.reduce(0) { $0 + ($1.length + 3) & ~3 }, 4)
        }
        return operands.isEmpty ? [LoadedOperand(words: "reg \(register)")] : operands
    }

    func operand(_ register: UInt32) -> JSONValue {
        Self.joined(operands(register, 1).map(\.name))
    }

    /// Returns the value of a statement's register: a constant, or an operand.
    func value(_ register: UInt32, _ kind: LoadedOperand.Kind, isHostOrder: Bool = false)
        -> JSONValue
    {
        guard let bytes = values[Self.place(register)] else { return operand(register) }
        var operand = LoadedOperand(name: .null, kind: kind, length: bytes.count)
        operand.isHostOrder = isHostOrder
        return operand.value(bytes)
    }

    func mangling(_ operand: LoadedOperand, _ register: UInt32) -> JSONValue {
        [
            "mangle": [
                "key": operand.name,
                "value": value(register, operand.kind, isHostOrder: operand.isHostOrder),
            ]
        ]
    }

    // MARK: Matches

    mutating func add(_ statement: JSONValue) { made.append(statement) }

    /// Returns the fields that the bytes consist of; matching them implies their header.
    mutating func operands(of bytes: PayloadField) -> [LoadedOperand] {
        guard let known = HeaderField.operands(bytes, family: family, transport: transport) else {
            return [HeaderField.raw(bytes)]
        }
        if bytes.base == NFT_PAYLOAD_NETWORK_HEADER.rawValue {
            if let familyQuestion { made[familyQuestion] = nil }
        } else if let transportQuestion, transport.map(HeaderField.isNamed) == true {
            made[transportQuestion] = nil
            // Each family has its own ICMP.
            if let familyQuestion, transport == family?.controlProtocol {
                made[familyQuestion] = nil
            }
        }
        return known
    }

    mutating func compare(_ register: UInt32, _ test: String, _ bytes: [UInt8]) {
        let found = operands(register, bytes.count)
        guard found.count > 1 else {
            made.append(found[0].match(test, bytes))
            if test == "==", found[0].mask == nil { remember(found[0], bytes) }
            return
        }
        guard registers[Self.place(register)]?.count == found.count, test == "==" else {
            let parts = Self.split(bytes, found).map { $0.0.value($0.1) }
            made.append(
                LoadedOperand.match(test, Self.joined(found.map(\.name)), Self.joined(parts)))
            return
        }
        var rest = bytes[...]
        for operand in found {
            made.append(operand.match(test, Array(rest.prefix(operand.length))))
            rest = rest.dropFirst(operand.length)
        }
    }

    private mutating func range(
        _ register: UInt32, _ test: String, _ first: [UInt8], _ last: [UInt8]
    ) {
        let found = operands(register, first.count)
        let right = found.count == 1 ? found[0].element(first, last) : "…"
        made.append(LoadedOperand.match(test, Self.joined(found.map(\.name)), right))
    }

    mutating func lookup(_ register: UInt32, _ set: String, _ isNegated: Bool) {
        let found = operands(register, sets.keyLength(of: set) ?? 1)
        let left = Self.joined(
            found.map { operand in
                operand.mask.map { ["&": [operand.name, operand.value($0)]] } ?? operand.name
            })
        let right = sets.value(of: set, found)
        if sets.isMap(set) {
            made.append(["vmap": ["key": left, "data": right]])
        } else {
            made.append(LoadedOperand.match(isNegated ? "!=" : "==", left, right))
        }
    }

    /// Records which headers a match implies.
    private mutating func remember(_ operand: LoadedOperand, _ bytes: [UInt8]) {
        guard let byte = bytes.first else { return }
        switch operand.kind {
        case .family:
            family = AddressFamily.allCases.first { $0.protocolNumber == byte }
            familyQuestion = made.count - 1
        case .etherType:
            family = bytes == [0x08, 0x00] ? .ipv4 : bytes == [0x86, 0xDD] ? .ipv6 : nil
            familyQuestion = nil
        case .transport:
            transport = byte
            transportQuestion = operand.name["meta"] == nil ? nil : made.count - 1
        case .address, .port, .interfaceName, .interfaceIndex, .bits, .number, .opaque: return
        }
    }

    /// Splits a concatenation, whose fields begin at multiples of 4 bytes.
    static func split(
        _ bytes: [UInt8], _ operands: [LoadedOperand]
    ) -> [(LoadedOperand, [UInt8])] {
        var rest = bytes[...]
        return operands.map { operand in
            defer { rest = rest.dropFirst((operand.length + 3) & ~3) }
            return (operand, Array(rest.prefix(operand.length)))
        }
    }

    static func joined(_ parts: [JSONValue]) -> JSONValue {
        parts.count == 1 ? parts[0] : ["concat": .array(parts)]
    }

    // MARK: Effects

    private static func log(_ prefix: String, _ level: UInt32) -> JSONValue {
        var members: [String: JSONValue] = ["prefix": .string(prefix)]
        let name = LogLevel(Int(level))?.nftName ?? (level == 8 ? "audit" : "\(level)")
        // nft omits level 4, the default.
        if level != 4 { members["level"] = .string(name) }
        return ["log": .object(members)]
    }

    private static func verdict(_ code: Int32, _ chain: String?) -> JSONValue {
        switch code {
        case Verdict.drop: ["drop": .null]
        case Int32(Verdict.accept): ["accept": .null]
        case NFT_RETURN.rawValue: ["return": .null]
        case NFT_JUMP.rawValue: ["jump": ["target": .string(chain ?? "")]]
        case NFT_GOTO.rawValue: ["goto": ["target": .string(chain ?? "")]]
        case NFT_CONTINUE.rawValue: ["continue": .null]
        case _: ["verdict \(code)": .null]
        }
    }
}

extension AddressFamily {
    fileprivate var controlProtocol: UInt8 {
        switch self {
        case .ipv4: UInt8(IPPROTO_ICMP)
        case .ipv6: UInt8(IPPROTO_ICMPV6)
        }
    }
}
