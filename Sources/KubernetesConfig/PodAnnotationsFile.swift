package import Diagnostics

/// A file of the downward API with all annotations of a pod (`fieldPath: metadata.annotations`).
///
/// Each line is `NAME="VALUE"`, with the value quoted as Go's strconv.Quote does it. No
/// configuration begins like that: to YAML, such a line is a text, and a configuration is a mapping.
package struct PodAnnotationsFile: Sendable {
    /// All errors in the file.
    package struct Problem: Error {
        package var diagnostics: [Diagnostic]
    }

    package let annotations: [PodAnnotation]

    /// Whether the first line of `text` is that of an annotation.
    package static func isOne(_ text: String) -> Bool {
        let name = text.utf8.prefix { isOfName($0) }
        let rest = text.utf8[name.endIndex...]
        return !name.isEmpty && rest.starts(with: "=\"".utf8)
    }

    /// Reads the file; throws all errors together, each with its line.
    package init(_ text: String, source: String) throws(Problem) {
        let whole = SourceText(text, name: source)
        var annotations: [PodAnnotation] = []
        var names: Set<String> = []
        var diagnostics: [Diagnostic] = []
        var number = 0
        for bytes in Array(text.utf8).split(separator: 0x0A, omittingEmptySubsequences: false) {
            number += 1
            guard !bytes.isEmpty else { continue }
            do throws(QuotedLine.Problem) {
                let line = try QuotedLine(bytes)
                guard names.insert(line.name).inserted else {
                    throw QuotedLine.Problem(
                        name: line.name, words: "the annotation is given twice", offset: 0)
                }
                annotations.append(
                    PodAnnotation(
                        name: line.name, value: line.value, inFile: source, line: number))
            } catch {
                let before = bytes.prefix(error.offset)
                diagnostics.append(
                    .invalidAnnotationLine(
                        error,
                        at: SourceLocation(
                            in: whole, line: number,
                            column: String(decoding: before, as: UTF8.self).count + 1, length: 1)))
            }
        }
        guard diagnostics.isEmpty else { throw Problem(diagnostics: diagnostics) }
        self.annotations = annotations
    }

    /// Whether a byte may be in the name of an annotation.
    fileprivate static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"), UInt8(ascii: "/"):
            true
        case _: false
        }
    }
}

/// A line `NAME="VALUE"`.
private struct QuotedLine {
    struct Problem: Error {
        /// The name of the annotation, as far as it is known.
        var name: String
        var words: String
        /// The byte of the line with the mistake.
        var offset: Int
    }

    let name: String
    let value: String

    init(_ line: ArraySlice<UInt8>) throws(Problem) {
        let bytes = Array(line)
        let end = bytes.firstIndex { !PodAnnotationsFile.isOfName($0) } ?? bytes.count
        let name = String(decoding: bytes[..<end], as: UTF8.self)
        guard end > 0, bytes[end...].starts(with: "=\"".utf8) else {
            throw Problem(name: "", words: "the line is not NAME=\"VALUE\"", offset: end)
        }
        var value: [UInt8] = []
        var next = end + 2
        while next < bytes.count, bytes[next] != UInt8(ascii: "\"") {
            if bytes[next] == UInt8(ascii: "\\") {
                guard let escape = Self.escape(bytes[(next + 1)...]) else {
                    throw Problem(
                        name: name, words: "the value has an unknown escape sequence",
                        offset: next)
                }
                value += escape.bytes
                next += 1 + escape.length
            } else {
                value.append(bytes[next])
                next += 1
            }
        }
        guard next < bytes.count else {
            throw Problem(name: name, words: "the value has no closing quote", offset: next)
        }
        guard next + 1 == bytes.count else {
            throw Problem(
                name: name, words: "there is more behind the closing quote", offset: next + 1)
        }
        guard let text = String(validating: value, as: UTF8.self) else {
            throw Problem(name: name, words: "the value is not UTF-8 text", offset: end + 1)
        }
        self.name = name
        self.value = text
    }

    /// Reads what follows a backslash; returns nil for what Go's strconv.Quote never writes.
    private static func escape(
        _ rest: ArraySlice<UInt8>
    ) -> (bytes: [UInt8], length: Int)? {
        guard let kind = rest.first else { return nil }
        switch kind {
        case UInt8(ascii: "a"): return ([0x07], 1)
        case UInt8(ascii: "b"): return ([0x08], 1)
        case UInt8(ascii: "f"): return ([0x0C], 1)
        case UInt8(ascii: "n"): return ([0x0A], 1)
        case UInt8(ascii: "r"): return ([0x0D], 1)
        case UInt8(ascii: "t"): return ([0x09], 1)
        case UInt8(ascii: "v"): return ([0x0B], 1)
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): return ([kind], 1)
        case UInt8(ascii: "x"):
            return number(rest.dropFirst(), digits: 2).map { ([UInt8(truncatingIfNeeded: $0)], 3) }
        case UInt8(ascii: "u"): return scalar(rest.dropFirst(), digits: 4)
        case UInt8(ascii: "U"): return scalar(rest.dropFirst(), digits: 8)
        case _: return nil
        }
    }

    private static func scalar(
        _ rest: ArraySlice<UInt8>, digits: Int
    ) -> (bytes: [UInt8], length: Int)? {
        guard let scalar = number(rest, digits: digits).flatMap(Unicode.Scalar.init) else {
            return nil
        }
        return (Array(String(Character(scalar)).utf8), 1 + digits)
    }

    private static func number(_ rest: ArraySlice<UInt8>, digits: Int) -> UInt32? {
        guard rest.count >= digits else { return nil }
        var number: UInt32 = 0
        for byte in rest.prefix(digits) {
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            case _: return nil
            }
            number = number << 4 | UInt32(digit)
        }
        return number
    }
}

extension Diagnostic {
    fileprivate static func invalidAnnotationLine(
        _ problem: QuotedLine.Problem, at location: SourceLocation
    ) -> Diagnostic {
        .error(
            id: "invalid-annotation-line", problem.words, at: location,
            notes: problem.name.isEmpty ? [] : ["it is in annotation \(problem.name)"],
            help: "mount the file from the downward API: fieldPath: metadata.annotations")
    }

    /// The error for a pod's annotations where only a configuration is possible.
    package static func annotationsOfOnePod(_ source: String) -> Diagnostic {
        .error(
            id: "annotations-of-a-pod", "'\(source)' has the annotations of one pod",
            at: SourceLocation(source: source),
            help: "give a configuration, which is for every pod")
    }
}
