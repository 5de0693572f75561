/// The name of a network interface: 1...15 bytes (`IFNAMSIZ` without the terminating zero).
///
/// The kernel allows almost any byte (`dev_valid_name`). This type allows letters, digits and `_ .
/// - @`, so that no name can be taken for syntax in any output. `@` can't be the first: libnftables
/// takes such a name for that of a set.
package struct InterfaceName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package static let maximumLength = 15

    package init?(_ text: String) {
        guard (1...Self.maximumLength).contains(text.utf8.count), text != ".", text != "..",
            text.utf8.first != UInt8(ascii: "@"), text.utf8.allSatisfy(Self.allows)
        else { return nil }
        self.text = text
    }

    init(unchecked text: String) {
        self.text = text
    }

    package static let loopback = InterfaceName(unchecked: "lo")
    /// The usual name of a host's first Ethernet interface, as a default.
    package static let ethernet = InterfaceName(unchecked: "eth0")

    package var description: String { text }

    static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "@"):
            true
        default:
            false
        }
    }
}

/// A pattern that matches one interface, or all names with a prefix.
///
/// The notation is that of iptables: `docker0`, or `docker+` for every name that begins with
/// `docker`. nftables writes the latter as `docker*`.
package struct InterfacePattern: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// The name, or the prefix of names.
    package let stem: String
    package let isWildcard: Bool

    /// Parses 1...15 bytes as in interface names, optionally with `+` at the end.
    ///
    /// `+` alone, which would match every interface including loopback, is refused.
    package init?(_ text: String) {
        isWildcard = text.hasSuffix("+")
        stem = isWildcard ? String(text.dropLast()) : text
        guard InterfaceName(stem) != nil, text.utf8.count <= InterfaceName.maximumLength else {
            return nil
        }
    }

    package init(_ name: InterfaceName) {
        stem = name.text
        isWildcard = false
    }

    package func matches(_ name: InterfaceName) -> Bool {
        isWildcard ? name.text.hasPrefix(stem) : name.text == stem
    }

    /// Whether the pattern matches every name that `other` matches.
    package func includes(_ other: InterfacePattern) -> Bool {
        isWildcard ? other.stem.hasPrefix(stem) : self == other
    }

    package var description: String { isWildcard ? stem + "+" : stem }

    package static func < (left: Self, right: Self) -> Bool { left.description < right.description }
}
