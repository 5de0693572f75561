import Digest
import FoundationEssentials
import RuleIR

/// JSON objects that carry the SHA-256 of all the rest of them.
///
/// It tells a changed, cut or mistyped document from a whole one. It is no signature: whoever changes
/// a document on purpose can seal it again.
package enum SealedJSON {
    package enum Problem: Error {
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
    package static func sealed(_ text: String) -> String? {
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

/// A JSON value of any shape.
enum JSONTree: Hashable {
    case null
    case bool(Bool)
    case integer(Int64)
    case unsigned(UInt64)
    case number(Double)
    case text(String)
    case list([JSONTree])
    case object([String: JSONTree])
}

extension JSONTree: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // The most frequent first: each failed try costs.
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let members = try? container.decode([String: JSONTree].self) {
            self = .object(members)
        } else if let items = try? container.decode([JSONTree].self) {
            self = .list(items)
        } else if let flag = try? container.decode(Bool.self) {
            self = .bool(flag)
        } else if let number = try? container.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? container.decode(UInt64.self) {
            self = .unsigned(number)
        } else if container.decodeNil() {
            self = .null
        } else {
            self = .number(try container.decode(Double.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let flag): try container.encode(flag)
        case .integer(let number): try container.encode(number)
        case .unsigned(let number): try container.encode(number)
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        case .list(let items): try container.encode(items)
        case .object(let members): try container.encode(members)
        }
    }
}
