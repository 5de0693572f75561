import Addressing

/// Reads, writes and describes values of one type.
struct ValueFormat<Value: Hashable & Sendable>: Sendable {
    /// The allowed values, as the documentation describes them.
    var words: String
    var schema: SchemaFragment
    /// Whether the empty text is a value.
    var allowsEmpty = false
    /// Returns a warning about a valid text that probably means something else.
    var doubt: @Sendable (Piece) -> ValueProblem? = { _ in nil }
    var parse: @Sendable (Piece) -> Result<Value, ValueProblem>
    var text: @Sendable (Value) -> String
}

/// Part of a JSON Schema (draft 2020-12).
package indirect enum SchemaFragment: Hashable, Sendable {
    case boolean
    case integer(ClosedRange<Int>)
    case text(pattern: String?)
    case choice([String])
    case list(SchemaFragment)
    case either([SchemaFragment])
    /// A mapping from these keys to values of one kind.
    case mapping([String], SchemaFragment)
}

extension ValueFormat where Value == IPPrefix {
    static var prefix: Self {
        Self(
            words: "IP address or CIDR block, IPv4 or IPv6; host bits are cleared",
            schema: .text(pattern: nil),
            parse: { piece in
                IPPrefix(piece.text).map { .success($0) } ?? .failure(.address(piece))
            }, text: { "\($0)" })
    }
}

extension ValueFormat where Value == OwnerExclusion {
    static var ownerExclusion: Self {
        Self(
            words: "`[protocol:][ports:]uids`; lists and `-` ranges of ports and 32-bit UIDs",
            schema: .either([.integer(0...4_294_967_294), .text(pattern: nil)]),
            parse: { OwnerExclusion.parse($0) }, text: { "\($0)" })
    }
}

extension ValueFormat where Value == VirtualNetwork {
    static var virtualNetwork: Self {
        Self(
            words: "`interface:CIDR`; `+` ends an interface name as a wildcard",
            schema: .text(pattern: nil),
            parse: { piece in
                guard let colon = piece.text.firstIndex(of: ":") else {
                    return .failure(.virtualNetworkFormat(piece))
                }
                let name = Piece(String(piece.text[..<colon]), offset: piece.offset)
                let block = Piece(
                    String(piece.text[piece.text.index(after: colon)...]),
                    offset: piece.offset + name.text.count + 1)
                guard let interface = InterfacePattern(name.text) else {
                    return .failure(.interface(name))
                }
                guard let network = IPPrefix(block.text) else { return .failure(.address(block)) }
                return .success(VirtualNetwork(interface: interface, network: network))
            }, text: { "\($0)" })
    }
}
