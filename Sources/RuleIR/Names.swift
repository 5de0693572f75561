/// The name of one installation of rules on a host; `mesh` by default.
///
/// It has 1 to 16 lower-case letters, digits and `_`, and begins with a letter. It is part of a
/// table name, so it contains no character that is special in any syntax.
package struct InstanceName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package static let mesh = InstanceName(unchecked: "mesh")

    package init?(_ text: String) {
        guard (1...16).contains(text.utf8.count),
            let first = text.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first),
            text.utf8.allSatisfy({ byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
                    || byte == UInt8(ascii: "_")
            })
        else { return nil }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    package var description: String { text }
}

/// The name of a regular chain, as in Kuma's configuration: `INBOUND`, `OUTBOUND_REDIRECT`.
///
/// It has 1 to 18 letters, digits and `_`: iptables puts `KUMA_MESH_` before it and allows 28
/// bytes. Backends add their own prefix or change the letter case, so names must differ in more
/// than case.
package struct ChainName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init?(_ text: String) {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy(Self.allows) else {
            return nil
        }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    package static let inbound = ChainName(unchecked: "INBOUND")
    package static let outbound = ChainName(unchecked: "OUTBOUND")
    package static let inboundRedirect = ChainName(unchecked: "INBOUND_REDIRECT")
    package static let outboundRedirect = ChainName(unchecked: "OUTBOUND_REDIRECT")

    package var description: String { text }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default:
            false
        }
    }
}

/// The name of a set, which the compiler makes and never a user.
package struct SetName: Hashable, Sendable, CustomStringConvertible {
    /// The name: lower-case letters, digits and `_`.
    package let text: String

    /// Creates a name of 1 to 32 lower-case letters, digits and `_`; `RulesetCheck` verifies it.
    package init(_ text: String) {
        self.text = text
    }

    package var description: String { text }
}
