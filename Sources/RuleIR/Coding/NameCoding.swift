import Addressing

extension InstanceName: TextCoded {
    package static let codedName = "the name of an instance"
}

extension ChainName: TextCoded {
    package static let codedName = "the name of a chain"
}

extension LogLevel: NumberCoded {
    package static let codedName = "a severity (0...7)"

    package var codedNumber: Int { number }
}

extension SetName: Codable {
    /// Reads any text; `Ruleset.check` throws if it isn't a valid name.
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension LogPrefix: Codable {}
extension ConnectionState: Codable {}
extension Stage: Codable {}
extension Hook: Codable {}

extension LoopbackAddress: Codable {
    private enum CodingKeys: String, CodingKey {
        case address
        case interface
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            prefix: try container.decode(IPPrefix.self, forKey: .address),
            interface: try container.decode(InterfaceName.self, forKey: .interface))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(prefix, forKey: .address)
        try container.encode(interface, forKey: .interface)
    }
}

/// Encodes one member with the name of the case.
///
/// An example is `{"address": {"address": "::6", "interface": "lo"}}`.
extension HostPrerequisite: Codable {
    private enum CodingKeys: String, CodingKey {
        case address
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let key = try container.onlyKey()
        self =
            switch key {
            case .address: .address(try container.decode(LoopbackAddress.self, forKey: key))
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .address(let address): try container.encode(address, forKey: .address)
        }
    }
}

extension KeyedDecodingContainer {
    /// Returns the key of the object's only member, which names the case.
    func onlyKey() throws -> Key {
        guard allKeys.count == 1, let key = allKeys.first else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: codingPath,
                    debugDescription: "exactly one member must give the kind"))
        }
        return key
    }
}
