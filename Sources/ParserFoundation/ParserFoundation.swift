// What swift-argument-parser uses of FoundationEssentials, for release builds, which have this module in its place.
// FoundationEssentials is 5 MB of the program, and nothing else uses it.
import JSON

/// An error with a text for people.
///
/// None of ours is one.
public protocol LocalizedError: Error {
    var errorDescription: String? { get }
}

/// Bytes of a document.
public struct Data {
    fileprivate let text: String
}

/// Values as JSON text, for `--experimental-dump-help`: indented, members sorted by name.
public final class JSONEncoder {
    public struct OutputFormatting: OptionSet, Sendable {
        public static let prettyPrinted = OutputFormatting(rawValue: 1 << 0)
        public static let sortedKeys = OutputFormatting(rawValue: 1 << 1)

        public let rawValue: UInt

        public init(rawValue: UInt) { self.rawValue = rawValue }
    }

    public var outputFormatting: OutputFormatting = []

    public init() {}

    public func encode(_ value: some Encodable) throws -> Data {
        Data(text: try JSONValue(encoding: value).text(.indented))
    }
}

extension String {
    public enum Encoding: Sendable {
        case utf8
    }

    public init?(data: Data, encoding: Encoding) { self = data.text }
}
