import Digest

/// A file that tproxy writes as a whole and recognizes later.
///
/// The first line is a comment with the SHA-256 of the rest. So a file of another program, or one
/// that was edited, is never replaced or removed.
package struct WrittenFile: Hashable, Sendable {
    /// The reason for which a file is left alone.
    package enum Refusal: Error, Hashable, Sendable {
        /// The file isn't tproxy's.
        case foreign
        /// The file is tproxy's and was edited.
        case edited
    }

    /// The whole text, including the first line.
    package let text: String

    /// Creates a file; lines of `body` that begin with `#` must be comments.
    package init(_ body: String, version: String) {
        text = "\(Self.opening) \(version)\(Self.middle)\(SHA256.hexadecimal(body.utf8))\n\(body)"
    }

    /// Returns the bytes that replace `old`; nil means that there is no file.
    package func replacing(_ old: [UInt8]?) throws(Refusal) -> [UInt8] {
        if let old { try Self.check(old) }
        return Array(text.utf8)
    }

    /// Throws unless `bytes` are a file of tproxy's, unchanged.
    package static func check(_ bytes: [UInt8]) throws(Refusal) {
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") }
        let marker = String(decoding: line, as: UTF8.self)
        guard marker.hasPrefix(opening), let digest = marker.split(separator: " ").last else {
            throw .foreign
        }
        guard SHA256.hexadecimal(bytes.dropFirst(line.count + 1)) == digest else { throw .edited }
    }

    private static let opening = "# Written by tproxy"
    private static let middle = ", which refuses to change it after an edit; SHA-256 of the rest: "
}
