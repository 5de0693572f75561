import Synchronization

/// A text of the user, shared by all locations in it.
///
/// A list of 100,000 items has as many locations; each stores only numbers.
package final class SourceText: Sendable {
    /// The path as the user gave it, or `<stdin>`.
    package let name: String
    package let text: String
    /// The byte offsets of the lines; computed for the first diagnostic.
    private let knownStarts = Mutex<[UInt32]?>(nil)

    /// Creates a text of at most 4 GiB.
    package init(_ text: String, name: String) {
        var text = text
        // Contiguous bytes, which reads of the text need not convert again.
        text.makeContiguousUTF8()
        self.name = name
        self.text = text
    }

    package var lineCount: Int { starts.count }

    /// Returns the line of the byte with this index, and the offset in the line.
    package func place(ofByte index: Int) -> (line: Int, offset: Int) {
        let line = starts.firstIndex { Int($0) > index } ?? starts.count
        return (line, index - Int(starts[line - 1]))
    }

    /// Returns the index of the first byte of a line, or the end of the text for a line behind it.
    ///
    /// `number` counts from 1.
    package func offset(ofLine number: Int) -> Int {
        let starts = starts
        return number <= starts.count ? Int(starts[max(1, number) - 1]) : text.utf8.count
    }

    /// Returns the line with this 1-based number, without its end; nil if there is none.
    package func line(_ number: Int) -> String? {
        let starts = starts
        guard (1...starts.count).contains(number) else { return nil }
        let end = number < starts.count ? Int(starts[number]) : text.utf8.count
        let line = text.utf8.prefix(end).dropFirst(Int(starts[number - 1]))
        return String(
            String.UnicodeScalarView(
                Substring(line).unicodeScalars.prefix { !Self.lineEnds.contains($0) }))
    }

    /// The line ends of YAML 1.1.
    private static let lineEnds: Set<Unicode.Scalar> = [
        "\r", "\n", "\u{85}", "\u{2028}", "\u{2029}",
    ]

    private var starts: [UInt32] {
        knownStarts.withLock { known in
            if let known { return known }
            let starts = Self.lineStarts(in: text.utf8)
            known = starts
            return starts
        }
    }

    private static func lineStarts(in text: String.UTF8View) -> [UInt32] {
        var starts: [UInt32] = [0]
        var previous: (UInt8, UInt8) = (0, 0)
        var next: UInt32 = 0
        for byte in text {
            next += 1
            switch (previous.0, previous.1, byte) {
            // CR LF is one line end.
            case (_, 0x0D, 0x0A): starts[starts.count - 1] = next
            case (_, _, 0x0A), (_, _, 0x0D), (_, 0xC2, 0x85), (0xE2, 0x80, 0xA8),
                (0xE2, 0x80, 0xA9):
                starts.append(next)
            case _: break
            }
            previous = (previous.1, byte)
        }
        return starts
    }
}

extension String {
    /// The number of characters, as columns are counted; fast for ASCII.
    package var characterCount: Int {
        let bytes = utf8.span
        for index in bytes.indices {
            // CR LF is one character.
            if bytes[index] >= 0x80 || bytes[index] == 0x0D { return count }
        }
        return bytes.count
    }
}
