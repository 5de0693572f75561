/// An upper bound of the width of a text in any sans-serif font.
///
/// No font is available to measure. The widths are those of the widest font in common use (Verdana,
/// bold if requested), so text in a narrower font leaves space and none overflows.
enum TextWidth {
    /// Returns the width in pixels, at `size` pixels to the em.
    static func of(_ text: some StringProtocol, size: Double, isBold: Bool = false) -> Double {
        let ems = text.unicodeScalars.reduce(0) { $0 + width($1) }
        return ems * size * (isBold ? 1.14 : 1)
    }

    /// Returns the width in ems.
    private static func width(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "'", "I": 0.42
        case " ", ".", ",", ":", ";", "f", "t", "r", "/", "(", ")", "-", "|": 0.46
        case "m", "w", "M", "W", "@": 1.0
        case "A"..."Z", "+", "<", ">", "=", "#", "&": 0.84
        case "a"..."z", "0"..."9": 0.64
        case _ where scalar.isASCII: 0.72
        // The arrow, and all other characters: a full square.
        case _: 1.0
        }
    }

    /// Breaks the text into lines of at most `limit` pixels, at spaces or within a long word.
    static func lines(of text: String, size: Double, limit: Double) -> [String] {
        var lines: [String] = []
        var line = ""
        func fits(_ text: String) -> Bool { of(text, size: size) <= limit }
        for word in text.split(separator: " ") {
            if line.isEmpty || fits("\(line) \(word)") {
                line += line.isEmpty ? String(word) : " \(word)"
            } else {
                lines.append(line)
                line = String(word)
            }
            while !fits(line), line.count > 1 {
                var head = line
                while !fits(head), head.count > 1 { head.removeLast() }
                lines.append(head)
                line = String(line.dropFirst(head.count))
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }
}
