package import Addressing

/// A user, by UID or by account name.
package enum ProxyUser: Hashable, Sendable, CustomStringConvertible {
    case id(UserID)
    case name(String)

    /// Parses digits as a UID, and any other text as an account name of 1...32 bytes, as useradd(8)
    /// accepts.
    package init?(_ text: String) {
        if let id = UserID(text) {
            self = .id(id)
            return
        }
        let allowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."), UInt8(ascii: "$"), UInt8(ascii: "@"):
                true
            default: false
            }
        }
        let isNumber = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        guard allowed, !isNumber, (1...32).contains(text.utf8.count), !text.hasPrefix("-") else {
            return nil
        }
        self = .name(text)
    }

    package var description: String {
        switch self {
        case .id(let id): "\(id)"
        case .name(let name): name
        }
    }
}

/// The address families whose packets are redirected.
package enum IPFamilyMode: String, Hashable, Sendable, CaseIterable {
    case dualstack
    case ipv4
}
