import Addressing

extension NamedSet: Codable {
    private enum CodingKeys: String, CodingKey {
        case name
        case family
        case addresses
        case ports
        case ownedFlows
    }

    /// Reads exactly one of `addresses` with `family`, `ports` and `ownedFlows`.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let name = try container.decode(SetName.self, forKey: .name)
        if let family = try container.decodeIfPresent(AddressFamily.self, forKey: .family) {
            let members = try container.decode([Member<IPPrefix>].self, forKey: .addresses)
            guard members.allSatisfy({ $0.value.family == family }) else {
                throw DecodingError.dataCorruptedError(
                    forKey: .addresses, in: container,
                    debugDescription: "an address is not of the family \(family.rawValue)")
            }
            self.init(name, .addresses(family, members))
        } else if let members = try container.decodeIfPresent(
            [Member<PortRange>].self, forKey: .ports)
        {
            self.init(name, .ports(members))
        } else {
            self.init(
                name,
                .ownedFlows(try container.decode([Member<OwnedFlow>].self, forKey: .ownedFlows)))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        switch members {
        case .addresses(let family, let members):
            try container.encode(family, forKey: .family)
            try container.encode(members, forKey: .addresses)
        case .ports(let members): try container.encode(members, forKey: .ports)
        case .ownedFlows(let members): try container.encode(members, forKey: .ownedFlows)
        }
    }
}

extension NamedSet.Member: Codable where Value: Codable {
    private enum CodingKeys: String, CodingKey {
        case value
        case source
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            try container.decode(Value.self, forKey: .value),
            source: try container.decode(String.self, forKey: .source))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(source, forKey: .source)
    }
}
