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
