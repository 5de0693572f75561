import Diagnostics

/// Finds text that would use much time or memory before the parser reports an error.
struct YAMLHazard {
    private static let maximumSize = 8 << 20
    /// The maximum number of aliases: each refers to a subtree, so that a few stand for millions of
    /// nodes.
    private static let maximumAliases = 100

    static func size(of text: String, _ name: String) -> Diagnostic? {
        guard text.utf8.count > maximumSize else { return nil }
        return .error(
            id: "file-too-large", "'\(name)' is larger than \(maximumSize >> 20) MiB",
            help: "check the path")
    }

    static func find(in source: SourceText) -> Diagnostic? {
        var hazard = YAMLHazard()
        return hazard.scan(source.text.utf8.span).map { diagnostic(of: $0, in: source) }
    }

    private enum Finding {
        case control(at: Int)
        case aliases(at: Int)
    }

    private var aliases = 0

    private mutating func scan(_ bytes: Span<UInt8>) -> Finding? {
        var next = 0
        while next < bytes.count {
            next += Self.run(in: bytes, from: next, of: Self.isPlain)
            guard next < bytes.count else { break }
            let index = next
            let byte = bytes[index]
            next += 1
            switch byte {
            case UInt8(ascii: "*") where Self.isBoundary(index > 0 ? bytes[index - 1] : nil):
                if !Self.isOurs(index + 1 < bytes.count ? bytes[index + 1] : nil) { aliases += 1 }
                if aliases > Self.maximumAliases { return .aliases(at: index) }
            case 0..<0x09, 0x0B, 0x0C, 0x0E..<0x20, 0x7F: return .control(at: index)
            case _: continue
            }
        }
        return nil
    }

    /// Returns the number of consecutive bytes of a kind, beginning at `start`.
    @inline(__always)
    private static func run(
        in bytes: Span<UInt8>, from start: Int, of kind: (UInt8) -> Bool
    ) -> Int {
        var end = start
        while end < bytes.count, kind(bytes[end]) { end += 1 }
        return end - start
    }

    /// Whether a byte is a space, or lies among the ASCII digits and letters: most bytes of any
    /// file.
    @inline(__always)
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: " ") || byte > UInt8(ascii: "*") && byte < UInt8(ascii: "[")
            || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
    }

    private static func isBoundary(_ byte: UInt8?) -> Bool {
        switch byte {
        case nil, UInt8(ascii: " "), UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: ","),
            UInt8(ascii: ":"), UInt8(ascii: "-"), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            true
        case _: false
        }
    }

    /// Whether `*` begins a wildcard such as `*:80:1000` instead of an alias.
    private static func isOurs(_ next: UInt8?) -> Bool {
        switch next {
        case nil, UInt8(ascii: ":"), UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            true
        case _: false
        }
    }

    private static func diagnostic(of finding: Finding, in source: SourceText) -> Diagnostic {
        switch finding {
        case .control(let index):
            let place = source.place(ofByte: index)
            return .error(
                id: "control-character", "the file holds a control character",
                at: SourceLocation(
                    in: source, line: place.line, column: place.offset + 1, length: 1),
                help: "use a text file, and write '\\x..' in double quotes instead")
        case .aliases(let index):
            return .error(
                id: "too-many-aliases", "the file has more than \(maximumAliases) aliases",
                at: start(ofLineAt: index, in: source), help: "write the values instead")
        }
    }

    private static func start(ofLineAt index: Int, in source: SourceText) -> SourceLocation {
        SourceLocation(
            in: source, line: source.place(ofByte: index).line, column: 1, length: 1)
    }
}
