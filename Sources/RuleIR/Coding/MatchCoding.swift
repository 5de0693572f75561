import Addressing

/// Encodes a match as one member with the name of the case: `{"destinationPort": 53}`.
extension Match: Codable {
    private enum CodingKeys: String, CodingKey {
        case family
        case transport
        case source
        case destination
        case sourcePort
        case destinationPort
        case inputInterface
        case outputInterface
        case owner
        case ownerIsNot
        case ownedFlow
        case connectionState
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let key = try container.onlyKey()
        func value<Value: Decodable>() throws -> Value {
            try container.decode(Value.self, forKey: key)
        }
        self =
            switch key {
            case .family: .family(try value())
            case .transport: .transport(try value())
            case .source: .source(try value())
            case .destination: .destination(try value())
            case .sourcePort: .sourcePort(try value())
            case .destinationPort: .destinationPort(try value())
            case .inputInterface: .inputInterface(try value())
            case .outputInterface: .outputInterface(try value())
            case .owner: .owner(.is(try value()))
            case .ownerIsNot: .owner(.isNot(try value()))
            case .ownedFlow: .ownedFlow(try value())
            case .connectionState: .connectionState(try value())
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .family(let family): try container.encode(family, forKey: .family)
        case .transport(let transport): try container.encode(transport, forKey: .transport)
        case .source(let test): try container.encode(test, forKey: .source)
        case .destination(let test): try container.encode(test, forKey: .destination)
        case .sourcePort(let test): try container.encode(test, forKey: .sourcePort)
        case .destinationPort(let test): try container.encode(test, forKey: .destinationPort)
        case .inputInterface(let pattern): try container.encode(pattern, forKey: .inputInterface)
        case .outputInterface(let pattern): try container.encode(pattern, forKey: .outputInterface)
        case .owner(.is(let user)): try container.encode(user, forKey: .owner)
        case .owner(.isNot(let user)): try container.encode(user, forKey: .ownerIsNot)
        case .ownedFlow(let name): try container.encode(name, forKey: .ownedFlow)
        case .connectionState(let state): try container.encode(state, forKey: .connectionState)
        }
    }
}

/// Encodes `{"prefix": "10.0.0.0/8"}` or `{"set": NAME, "family": "ipv4"}`.
///
/// A negated test also has `"isNegated": true`.
extension AddressTest: Codable {
    private enum CodingKeys: String, CodingKey {
        case prefix
        case set
        case family
        case isNegated
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let isNegated = try container.decodeIfPresent(Bool.self, forKey: .isNegated) ?? false
        if let prefix = try container.decodeIfPresent(IPPrefix.self, forKey: .prefix) {
            self.init(addresses: .prefix(prefix), isNegated: isNegated)
            return
        }
        self.init(
            addresses: .set(
                try container.decode(SetName.self, forKey: .set),
                try container.decode(AddressFamily.self, forKey: .family)),
            isNegated: isNegated)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch addresses {
        case .prefix(let prefix): try container.encode(prefix, forKey: .prefix)
        case .set(let name, let family):
            try container.encode(name, forKey: .set)
            try container.encode(family, forKey: .family)
        }
        if isNegated { try container.encode(true, forKey: .isNegated) }
    }
}

/// Encodes a number, or the name of a set.
extension PortTest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let name = try? container.decode(String.self) {
            self = .set(SetName(name))
        } else {
            self = .port(try container.decode(Port.self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .port(let port): try container.encode(port)
        case .set(let name): try container.encode(name)
        }
    }
}
