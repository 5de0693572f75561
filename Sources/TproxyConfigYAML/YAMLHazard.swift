import Diagnostics

/// Texts that a recursive parser should never see.
enum YAMLHazard {
    /// Deeper than any configuration; far less than what the stack holds.
    private static let maximumDepth = 64
    private static let maximumSize = 8 << 20
    /// An alias stands for a whole subtree; a few can stand for millions of nodes.
    private static let maximumAliases = 100

    static func size(of text: String, _ name: String) -> Diagnostic? {
        guard text.utf8.count > maximumSize else { return nil }
        return .error(
            id: "file-too-large", "'\(name)' is larger than \(maximumSize >> 20) MiB",
            help: "is this the right file?")
    }

    static func find(in source: SourceText) -> Diagnostic? {
        let bytes = source.text.utf8.span
        var flowDepth = 0
        var aliases = 0
        for number in 1...source.lineCount {
            let line = source.bytes(ofLine: number)
            var indentation = 0
            var isIndentation = true
            var previous = UInt8(ascii: " ")
            for index in line {
                let byte = bytes[index]
                switch byte {
                case UInt8(ascii: "["), UInt8(ascii: "{"): flowDepth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): flowDepth = max(0, flowDepth - 1)
                case UInt8(ascii: "*") where isBoundary(previous):
                    let next = index + 1 < bytes.count ? bytes[index + 1] : nil
                    if !isOurs(next) { aliases += 1 }
                case 0..<0x09, 0x0B..<0x0D, 0x0E..<0x20, 0x7F:
                    return .error(
                        id: "control-character", "the file holds a control character",
                        at: SourceLocation(
                            in: source, line: number, column: index - line.lowerBound + 1,
                            length: 1),
                        help: "is this a text file? write '\\x..' in double quotes instead")
                case _: break
                }
                if isIndentation {
                    // Each of these may open a level of its own: `- - - a`, `? ? a`.
                    isIndentation =
                        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-")
                        || byte == UInt8(ascii: "?") || byte == UInt8(ascii: ":")
                    if isIndentation { indentation += 1 }
                }
                previous = byte
            }
            if flowDepth > maximumDepth || indentation > 4 * maximumDepth {
                return .error(
                    id: "nested-too-deep", "the file is nested deeper than \(maximumDepth) levels",
                    at: SourceLocation(in: source, line: number, column: 1, length: 1),
                    help: "no key of the configuration is nested deeper than three")
            }
            if aliases > maximumAliases {
                return .error(
                    id: "too-many-aliases", "the file has more than \(maximumAliases) aliases",
                    at: SourceLocation(in: source, line: number, column: 1, length: 1),
                    help: "write the values out")
            }
        }
        return nil
    }

    private static func isBoundary(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","),
            UInt8(ascii: ":"), UInt8(ascii: "-"):
            true
        case _: false
        }
    }

    /// `*:80:1000` in quotes or as an item is a value of ours, not many aliases.
    private static func isOurs(_ next: UInt8?) -> Bool {
        switch next {
        case nil, UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            true
        case _: false
        }
    }
}
