/// A value that is encoded as its text.
package protocol TextCoded: Codable, CustomStringConvertible {
    /// The kind of value for messages, such as `an address block`.
    static var codedName: String { get }

    /// Parses a text; nil if it isn't valid.
    init?(_ text: String)
}

extension TextCoded {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is not \(Self.codedName)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

extension IPAddress: TextCoded {
    package static let codedName = "an IP address"
}

extension InterfaceName: TextCoded {
    package static let codedName = "an interface name"
}

extension IPPrefix: TextCoded {
    package static let codedName = "an address or an address block"
}

extension InterfacePattern: TextCoded {
    package static let codedName = "an interface name"
}

extension PortRange: TextCoded {
    package static let codedName = "a port or a range of ports"

    /// Parses `80` or `80-90`.
    package init?(_ text: String) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { Port($0) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil else {
            return nil
        }
        self.init(first, last)
    }
}

extension UserIDRange: TextCoded {
    package static let codedName = "a user ID or a range of them"

    /// Parses `1000` or `1000-1999`.
    package init?(_ text: String) {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map { UserID($0) }
        guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil else {
            return nil
        }
        self.init(first, last)
    }
}

/// A value that is encoded as a number.
package protocol NumberCoded: Codable {
    /// The kind of value for messages, with its range, such as `a port (1...65535)`.
    static var codedName: String { get }

    /// Converts a number; nil if it isn't valid.
    init?(_ number: Int)

    var codedNumber: Int { get }
}

extension NumberCoded {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Wider than any value, so that the error for 70000 differs from that for malformed JSON.
        let number = try container.decode(Int.self)
        guard let value = Self(number) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(number) is not \(Self.codedName)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(codedNumber)
    }
}

extension Port: NumberCoded {
    package static let codedName = "a port (1...65535)"

    package var codedNumber: Int { Int(number) }
}

extension UserID: NumberCoded {
    package static let codedName = "a user ID (0...4294967294)"

    package var codedNumber: Int { Int(number) }
}
