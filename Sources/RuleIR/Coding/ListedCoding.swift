import Addressing

extension ListedSet: Codable {
    private struct Native: Codable {
        var name: String
        var type: String
    }

    private enum CodingKeys: String, CodingKey {
        case set
        case native
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.onlyKey() {
        case .set: self = .readable(try container.decode(NamedSet.self, forKey: .set))
        case .native:
            let native = try container.decode(Native.self, forKey: .native)
            self = .native(name: native.name, type: native.type)
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .readable(let set): try container.encode(set, forKey: .set)
        case .native(let name, let type):
            try container.encode(Native(name: name, type: type), forKey: .native)
        }
    }
}

extension ListedEntry: Codable {
    private enum CodingKeys: String, CodingKey {
        case rule
        case native
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        switch try container.onlyKey() {
        case .rule: self = .readable(try container.decode(ListedRule.self, forKey: .rule))
        case .native: self = .native(try container.decode(OpaqueRule.self, forKey: .native))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .readable(let rule): try container.encode(rule, forKey: .rule)
        case .native(let rule): try container.encode(rule, forKey: .native)
        }
    }
}

/// Encodes conditions and changes only if there are some, as files of older versions do.
extension OpaqueRule: Codable {
    private enum CodingKeys: String, CodingKey {
        case text
        case comment
        case matches
        case conditions
        case isComplete
        case changes
        case effect
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            text: try container.decode(String.self, forKey: .text),
            comment: try container.decodeIfPresent(String.self, forKey: .comment),
            matches: try container.decode([Match].self, forKey: .matches),
            conditions: try container.decodeIfPresent([FilterCondition].self, forKey: .conditions)
                ?? [],
            isComplete: try container.decode(Bool.self, forKey: .isComplete),
            changes: try container.decodeIfPresent([PacketChange].self, forKey: .changes) ?? [],
            effect: try container.decode(Effect.self, forKey: .effect))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(text, forKey: .text)
        try container.encodeIfPresent(comment, forKey: .comment)
        try container.encode(matches, forKey: .matches)
        if !conditions.isEmpty { try container.encode(conditions, forKey: .conditions) }
        try container.encode(isComplete, forKey: .isComplete)
        if !changes.isEmpty { try container.encode(changes, forKey: .changes) }
        try container.encode(effect, forKey: .effect)
    }
}

extension OpaqueRule.Effect: Codable {
    private struct Translation: Codable {
        var address: IPAddress?
        var port: Port?
    }

    private enum CodingKeys: String, CodingKey {
        case unknown
        case aside
        case translation
        case known
        case byKey
        case oneOf
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let key = try container.onlyKey()
        switch key {
        case .unknown: self = .unknown
        case .aside: self = .aside
        case .translation:
            let translation = try container.decode(Translation.self, forKey: key)
            self = .translate(to: translation.address, translation.port)
        case .known: self = .known(try container.decode(ListedRule.Effect.self, forKey: key))
        case .byKey: self = .byKey(try container.decode([OpaqueRule.Branch].self, forKey: key))
        case .oneOf: self = .oneOf(try container.decode([Self].self, forKey: key))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .unknown: try container.encode(true, forKey: .unknown)
        case .aside: try container.encode(true, forKey: .aside)
        case .translate(let address, let port):
            try container.encode(
                Translation(address: address, port: port), forKey: .translation)
        case .known(let effect): try container.encode(effect, forKey: .known)
        case .byKey(let branches): try container.encode(branches, forKey: .byKey)
        case .oneOf(let effects): try container.encode(effects, forKey: .oneOf)
        }
    }
}

extension ListedRule.Effect: Codable {
    private enum CodingKeys: String, CodingKey {
        case action
        case jump
        case goto
        case accept
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let key = try container.onlyKey()
        self =
            switch key {
            case .action: .action(try container.decode(Action.self, forKey: key))
            case .jump: .jump(try container.decode(String.self, forKey: key))
            case .goto: .goto(try container.decode(String.self, forKey: key))
            case .accept: .accept
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .action(let action): try container.encode(action, forKey: .action)
        case .jump(let target): try container.encode(target, forKey: .jump)
        case .goto(let target): try container.encode(target, forKey: .goto)
        case .accept: try container.encode(true, forKey: .accept)
        }
    }
}

extension ListedChain.Role: Codable {
    private enum CodingKeys: String, CodingKey {
        case ordinary
        case negatedSet = "notIn"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let key = try container.onlyKey()
        self =
            switch key {
            case .ordinary: .ordinary
            case .negatedSet: .negatedSet
            }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .ordinary: try container.encode(true, forKey: .ordinary)
        case .negatedSet: try container.encode(true, forKey: .negatedSet)
        }
    }
}
