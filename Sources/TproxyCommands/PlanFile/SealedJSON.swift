import FoundationEssentials
import RuleIR

/// JSON objects that carry the SHA-256 of all the rest of them.
///
/// It tells a changed, cut or mistyped document from a whole one. It is no signature: whoever changes
/// a document on purpose can seal it again.
enum SealedJSON {
    enum Problem: Error {
        case notJSON
        case nestedTooDeep
        /// It says that it is something else, or nothing.
        case otherSchema(String?)
        case notSealed
        case broken
    }

    private static let seal = "sha256"

    /// The object as text, indented and with its keys sorted.
    static func text(_ value: some Encodable) throws -> String {
        guard let members = Self.members(try JSONEncoder().encode(value)) else {
            throw Problem.notJSON
        }
        return try text(sealing: members)
    }

    /// The same object with the seal that it should have; nil for a text that holds none.
    static func sealed(_ text: String) -> String? {
        guard JSONNesting.isBearable(text), var members = members(Data(text.utf8)) else {
            return nil
        }
        members[seal] = nil
        return try? Self.text(sealing: members)
    }

    private static func text(sealing members: [String: JSONTree]) throws -> String {
        var members = members
        members[seal] = .text(SHA256.hexadecimal(try canonical(members)))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(members), as: UTF8.self) + "\n"
    }

    /// The members of the object, whether its seal holds or not.
    static func members(_ text: String) throws(Problem) -> [String: JSONTree] {
        guard JSONNesting.isBearable(text) else { throw .nestedTooDeep }
        guard let members = members(Data(text.utf8)) else { throw .notJSON }
        return members
    }

    /// The bytes that the seal was made of, in which a name stands once; throws if they are others.
    static func content(_ members: [String: JSONTree]) throws(Problem) -> Data {
        var members = members
        guard case .text(let sealed) = members.removeValue(forKey: seal) else { throw .notSealed }
        guard let data = try? canonical(members), SHA256.hexadecimal(data) == sealed else {
            throw .broken
        }
        return data
    }

    /// One form for one content, however it was laid out.
    private static func canonical(_ members: [String: JSONTree]) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(members)
    }

    private static func members(_ data: Data) -> [String: JSONTree]? {
        try? JSONDecoder().decode([String: JSONTree].self, from: data)
    }
}
