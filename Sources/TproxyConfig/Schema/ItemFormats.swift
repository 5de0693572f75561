import Addressing

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
