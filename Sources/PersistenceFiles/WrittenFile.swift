import Digest

/// A text that tproxy writes to a file whole, and knows again when it finds it there.
///
/// The first line is a comment with the SHA-256 of all that follows. So what somebody else wrote, or
/// changed by hand, is never replaced or removed.
package struct WrittenFile: Hashable, Sendable {
    /// Why a file is left alone.
    package enum Refusal: Error, Hashable, Sendable {
        /// Somebody else wrote it.
        case foreign
        /// tproxy wrote it, and somebody changed it since.
        case edited
    }

    /// All of it, with the marker.
    package let text: String

    /// `body` is text of a kind that takes lines with `#` for comments.
    package init(_ body: String, version: String) {
        text = "\(Self.opening) \(version)\(Self.middle)\(SHA256.hexadecimal(body.utf8))\n\(body)"
    }

    /// The bytes to put in the place of `old`; nil is "no such file".
    package func replacing(_ old: [UInt8]?) throws(Refusal) -> [UInt8] {
        if let old { try Self.check(old) }
        return Array(text.utf8)
    }

    /// Throws unless tproxy wrote `bytes` and nobody changed them.
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
