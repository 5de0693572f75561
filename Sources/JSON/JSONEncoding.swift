extension JSONValue {
    /// Encodes a value as JSON.
    ///
    /// Throws for a number that JSON can't represent.
    package init(encoding value: some Encodable) throws {
        let slot = Slot()
        try value.encode(to: JSONEncoding(slot: slot, codingPath: []))
        self = slot.value
    }
}

/// The mutable destination of a value that is being encoded.
private final class Slot {
    private enum Content {
        case value(JSONValue)
        case items([Slot])
        case members([String: Slot])
    }

    private var content = Content.members([:])

    var value: JSONValue {
        get {
            switch content {
            case .value(let value): value
            case .items(let slots): .array(slots.map(\.value))
            case .members(let slots): .object(slots.mapValues(\.value))
            }
        }
        set { content = .value(newValue) }
    }

    var count: Int {
        guard case .items(let slots) = content else { return 0 }
        return slots.count
    }

    func becomeArray() {
        if case .items = content { return }
        content = .items([])
    }

    /// Several encoders may write members of one value, one after the other.
    func becomeObject() {
        if case .members = content { return }
        content = .members([:])
    }

    func addItem() -> Slot {
        let slot = Slot()
        guard case .items(var slots) = content else { return slot }
        // Releases the second reference, so that the array grows in place.
        content = .value(.null)
        slots.append(slot)
        content = .items(slots)
        return slot
    }

    func addMember(_ name: String) -> Slot {
        let slot = Slot()
        guard case .members(var slots) = content else { return slot }
        content = .value(.null)
        slots[name] = slot
        content = .members(slots)
        return slot
    }

    /// Encodes `value` into this slot.
    func put(_ value: some Encodable, _ path: [any CodingKey]) throws {
        switch value {
        case let text as String: self.value = .string(text)
        case let flag as Bool: self.value = .bool(flag)
        case let number as Int: self.value = .number(number)
        case _: try value.encode(to: JSONEncoding(slot: self, codingPath: path))
        }
    }
}

private struct JSONEncoding: Encoder {
    let slot: Slot
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        slot.becomeObject()
        return KeyedEncodingContainer(EncodedMembers<Key>(slot: slot, codingPath: codingPath))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        slot.becomeArray()
        return EncodedItems(slot: slot, codingPath: codingPath)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        EncodedScalar(slot: slot, codingPath: codingPath)
    }
}

private struct EncodedMembers<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let slot: Slot
    let codingPath: [any CodingKey]

    mutating func encodeNil(forKey key: Key) { slot.addMember(key.stringValue).value = .null }

    mutating func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
        try slot.addMember(key.stringValue).put(value, codingPath + [key])
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        encoder(key).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        encoder(key).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder {
        JSONEncoding(slot: slot.addMember("super"), codingPath: codingPath)
    }

    mutating func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }

    private func encoder(_ key: Key) -> JSONEncoding {
        JSONEncoding(slot: slot.addMember(key.stringValue), codingPath: codingPath + [key])
    }
}

private struct EncodedItems: UnkeyedEncodingContainer {
    let slot: Slot
    let codingPath: [any CodingKey]
    var count: Int { slot.count }

    mutating func encodeNil() { slot.addItem().value = .null }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        let path = codingPath + [ItemKey(count)]
        try slot.addItem().put(value, path)
    }

    mutating func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        encoder().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        encoder().unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { encoder() }

    private func encoder() -> JSONEncoding {
        let path = codingPath + [ItemKey(count)]
        return JSONEncoding(slot: slot.addItem(), codingPath: path)
    }
}

private struct EncodedScalar: SingleValueEncodingContainer {
    let slot: Slot
    let codingPath: [any CodingKey]

    mutating func encodeNil() { slot.value = .null }
    mutating func encode(_ value: Bool) { slot.value = .bool(value) }
    mutating func encode(_ value: String) { slot.value = .string(value) }
    mutating func encode(_ value: Double) throws { try put(value) }
    mutating func encode(_ value: Float) throws { try put(Double(value)) }
    mutating func encode(_ value: Int) { put(value) }
    mutating func encode(_ value: Int8) { put(value) }
    mutating func encode(_ value: Int16) { put(value) }
    mutating func encode(_ value: Int32) { put(value) }
    mutating func encode(_ value: Int64) { put(value) }
    mutating func encode(_ value: UInt) { put(value) }
    mutating func encode(_ value: UInt8) { put(value) }
    mutating func encode(_ value: UInt16) { put(value) }
    mutating func encode(_ value: UInt32) { put(value) }
    mutating func encode(_ value: UInt64) { put(value) }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        try slot.put(value, codingPath)
    }

    private func put(_ number: Double) throws {
        guard number.isFinite else {
            throw EncodingError.invalidValue(
                number,
                EncodingError.Context(
                    codingPath: codingPath, debugDescription: "JSON has no \(number)"))
        }
        slot.value = JSONValue(number)
    }

    private func put(_ number: some BinaryInteger) {
        slot.value = Int(exactly: number).map { .number($0) } ?? .real(Double(number))
    }
}

/// The key of an item in an array.
struct ItemKey: CodingKey {
    let index: Int

    init(_ index: Int) { self.index = index }
    init?(intValue: Int) { self.init(intValue) }
    init?(stringValue: String) { nil }

    var intValue: Int? { index }
    var stringValue: String { "Index \(index)" }
}
