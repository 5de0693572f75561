/// Validates UTF-8.
enum UTF8Check {
    /// Returns the offset of the first invalid byte; nil if there is none.
    ///
    /// A zero byte is invalid: XML forbids it, and UTF-16 has one beside every ASCII character.
    static func firstInvalid(in bytes: [UInt8]) -> Int? {
        if let zero = bytes.firstIndex(of: 0) { return zero }
        guard String(validating: bytes, as: UTF8.self) == nil else { return nil }
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar): offset += UTF8.width(scalar)
            case .emptyInput, .error: return offset
            }
        }
    }
}
