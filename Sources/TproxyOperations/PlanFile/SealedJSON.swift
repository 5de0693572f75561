import Digest
import JSON
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
        guard let members = try JSONValue(encoding: value).object else { throw Problem.notJSON }
        return text(sealing: members)
    }

    /// The same object with the seal that it should have; nil for a text that holds none.
    package static func sealed(_ text: String) -> String? {
        guard var members = try? members(text) else { return nil }
        members[seal] = nil
        return Self.text(sealing: members)
    }

    private static func text(sealing members: [String: JSONValue]) -> String {
        var members = members
        members[seal] = .string(digest(of: members))
        return JSONValue.object(members).text(.indented) + "\n"
    }

    /// The members of the object, whether its seal holds or not.
    static func members(_ text: String) throws(Problem) -> [String: JSONValue] {
        do {
            guard let members = try JSONValue(parsing: text).object else { throw Problem.notJSON }
            return members
        } catch JSONProblem.nestedTooDeep {
            throw .nestedTooDeep
        } catch {
            throw .notJSON
        }
    }

    /// The object without its seal; throws if the seal is that of another.
    static func content(_ members: [String: JSONValue]) throws(Problem) -> JSONValue {
        var members = members
        guard case .string(let sealed) = members.removeValue(forKey: seal) else { throw .notSealed }
        guard digest(of: members) == sealed else { throw .broken }
        return .object(members)
    }

    /// Of one form for one content, however it was laid out.
    private static func digest(of members: [String: JSONValue]) -> String {
        SHA256.hexadecimal(JSONValue.object(members).bytes(.compact))
    }
}
