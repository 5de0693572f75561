/// The configurable part of a chain's name, which follows `KUMA_MESH_`.
///
/// It has 1...18 letters, digits and `_`: iptables allows 28 bytes for the whole name.
package struct ChainSuffix: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package static let inbound = ChainSuffix(unchecked: "INBOUND")
    package static let inboundRedirect = ChainSuffix(unchecked: "INBOUND_REDIRECT")
    package static let outbound = ChainSuffix(unchecked: "OUTBOUND")
    package static let outboundRedirect = ChainSuffix(unchecked: "OUTBOUND_REDIRECT")

    package init?(_ text: String) {
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard allowed, (1...18).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    private init(unchecked text: String) {
        self.text = text
    }

    package var description: String { text }
}
