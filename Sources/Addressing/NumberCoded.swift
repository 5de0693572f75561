/// A value that documents hold as a number.
package protocol NumberCoded: Codable {
    /// What a person would call such a value, with its range: `a port (1...65535)`.
    static var codedName: String { get }

    /// Nil for a number that isn't one.
    init?(_ number: Int)

    var codedNumber: Int { get }
}

extension NumberCoded {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Wider than any value, so that 70000 is told from what isn't JSON.
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
