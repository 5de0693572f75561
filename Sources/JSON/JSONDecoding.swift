extension JSONValue {
    /// Decodes a value from this JSON value.
    ///
    /// Throws a `DecodingError` that names the place.
    package func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try Value(from: JSONDecoding(value: self, codingPath: []))
    }

    fileprivate var kind: String {
        switch self {
        case .null: "null"
        case .bool: "bool"
        case .number, .real: "number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }
}

private struct JSONDecoding: Decoder {
    let value: JSONValue
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(
        keyedBy type: Key.Type
    ) throws -> KeyedDecodingContainer<Key> {
        guard case .object(let members) = value else { throw mismatch([String: Any].self) }
        return KeyedDecodingContainer(
            DecodedMembers<Key>(members: members, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let items) = value else { throw mismatch([Any].self) }
        return DecodedItems(items: items, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { DecodedScalar(place: self) }

    func mismatch(_ type: Any.Type) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: codingPath,
            debugDescription: "Expected to decode \(type) but found \(value.kind) instead.")
        return value == .null ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    func whole<Number: FixedWidthInteger>(_ type: Number.Type) throws -> Number {
        switch value {
        case .number(let number):
            if let exact = Number(exactly: number) { return exact }
        case .real: break
        case .null, .bool, .string, .array, .object: throw mismatch(type)
        }
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: codingPath, debugDescription: "The number does not fit in \(type)."))
    }
}

private struct DecodedMembers<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [String: JSONValue]
    let codingPath: [any CodingKey]

    var allKeys: [Key] { members.keys.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { members[key.stringValue] != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try decoder(key).value == .null }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try Value(from: decoder(key))
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> {
        try decoder(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try decoder(key).unkeyedContainer()
    }

    func superDecoder() -> any Decoder {
        JSONDecoding(value: members["super"] ?? .null, codingPath: codingPath)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder { try decoder(key) }

    private func decoder(_ key: Key) throws -> JSONDecoding {
        guard let value = members[key.stringValue] else {
            throw DecodingError.keyNotFound(
                key,
                DecodingError.Context(
                    codingPath: codingPath,
                    debugDescription: "No value associated with key \(key.stringValue)."))
        }
        return JSONDecoding(value: value, codingPath: codingPath + [key])
    }
}

private struct DecodedItems: UnkeyedDecodingContainer {
    let items: [JSONValue]
    let codingPath: [any CodingKey]
    private(set) var currentIndex = 0

    init(items: [JSONValue], codingPath: [any CodingKey]) {
        self.items = items
        self.codingPath = codingPath
    }

    var count: Int? { items.count }
    var isAtEnd: Bool { currentIndex >= items.count }

    mutating func decodeNil() throws -> Bool {
        let isNull = try decoder(Never.self).value == .null
        if isNull { currentIndex += 1 }
        return isNull
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        let value = try Value(from: decoder(type))
        currentIndex += 1
        return value
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) throws -> KeyedDecodingContainer<Nested> {
        let container = try decoder([String: Any].self).container(keyedBy: type)
        currentIndex += 1
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try decoder([Any].self).unkeyedContainer()
        currentIndex += 1
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let decoder = try decoder((any Decoder).self)
        currentIndex += 1
        return decoder
    }

    private func decoder(_ type: Any.Type) throws -> JSONDecoding {
        let path = codingPath + [ItemKey(currentIndex)]
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                type,
                DecodingError.Context(
                    codingPath: path, debugDescription: "The array has no more items."))
        }
        return JSONDecoding(value: items[currentIndex], codingPath: path)
    }
}

private struct DecodedScalar: SingleValueDecodingContainer {
    let place: JSONDecoding
    var codingPath: [any CodingKey] { place.codingPath }

    func decodeNil() -> Bool { place.value == .null }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .bool(let flag) = place.value else { throw place.mismatch(type) }
        return flag
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let text) = place.value else { throw place.mismatch(type) }
        return text
    }

    func decode(_ type: Double.Type) throws -> Double {
        switch place.value {
        case .number(let number): return Double(number)
        case .real(let number): return number
        case .null, .bool, .string, .array, .object: throw place.mismatch(type)
        }
    }

    func decode(_ type: Float.Type) throws -> Float { Float(try decode(Double.self)) }
    func decode(_ type: Int.Type) throws -> Int { try place.whole(type) }
    func decode(_ type: Int8.Type) throws -> Int8 { try place.whole(type) }
    func decode(_ type: Int16.Type) throws -> Int16 { try place.whole(type) }
    func decode(_ type: Int32.Type) throws -> Int32 { try place.whole(type) }
    func decode(_ type: Int64.Type) throws -> Int64 { try place.whole(type) }
    func decode(_ type: UInt.Type) throws -> UInt { try place.whole(type) }
    func decode(_ type: UInt8.Type) throws -> UInt8 { try place.whole(type) }
    func decode(_ type: UInt16.Type) throws -> UInt16 { try place.whole(type) }
    func decode(_ type: UInt32.Type) throws -> UInt32 { try place.whole(type) }
    func decode(_ type: UInt64.Type) throws -> UInt64 { try place.whole(type) }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try Value(from: place)
    }
}
