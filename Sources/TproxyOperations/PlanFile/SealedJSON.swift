import Digest
import JSON
import RuleIR

/// JSON objects that carry the SHA-256 of their other members.
///
/// The seal detects a changed, truncated or mistyped document. It is not a signature: anyone can
/// change a document on purpose and seal it again.
package enum SealedJSON {
    package enum Problem: Error {
        case notJSON
        case nestedTooDeep
        /// The schema is another one, or missing.
        case otherSchema(String?)
        case notSealed
        case broken
    }

    private static let seal = "sha256"

    /// Returns the sealed object as text, indented and with its keys sorted.
    static func text(_ value: some Encodable) throws -> String {
        guard let members = try JSONValue(encoding: value).object else { throw Problem.notJSON }
        return text(sealing: members)
    }

    /// Returns the same object with the correct seal; nil if the text isn't an object.
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

    /// Returns the members of the object, whether or not its seal is correct.
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

    /// Returns the object without its seal; throws if the seal is missing or wrong.
    static func content(_ members: [String: JSONValue]) throws(Problem) -> JSONValue {
        var members = members
        guard case .string(let sealed) = members.removeValue(forKey: seal) else { throw .notSealed }
        guard digest(of: members) == sealed else { throw .broken }
        return .object(members)
    }

    /// Returns the digest of the content, independent of the layout.
    private static func digest(of members: [String: JSONValue]) -> String {
        SHA256.hexadecimal(JSONValue.object(members).bytes(.compact))
    }
}
