/// The difference of two texts in the format of `diff -u`.
enum UnifiedDiff {
    private static let context = 3

    /// Returns the difference; empty if the texts are equal.
    ///
    /// It is one hunk from the first difference to the last, because a file has our block in one
    /// place.
    static func text(from old: String, to new: String, names: (old: String, new: String)) -> String
    {
        let before = lines(old)
        let after = lines(new)
        let head = zip(before, after).prefix { $0 == $1 }.count
        let tail = zip(before[head...].reversed(), after[head...].reversed())
            .prefix { $0 == $1 }.count
        let removed = before[head..<(before.count - tail)]
        let added = after[head..<(after.count - tail)]
        guard !removed.isEmpty || !added.isEmpty else { return "" }
        let leading = before[max(0, head - context)..<head]
        let trailing = before[(before.count - tail)...].prefix(context)
        let start = leading.startIndex + 1
        let oldCount = leading.count + removed.count + trailing.count
        let newCount = leading.count + added.count + trailing.count
        var text = ["--- \(names.old)\n", "+++ \(names.new)\n"]
        text.append(
            "@@ -\(range(start, oldCount)) +\(range(start, newCount)) @@\n")
        text +=
            leading.map { marked(" ", $0) } + changes(removed, added)
            + trailing.map { marked(" ", $0) }
        return text.joined()
    }

    /// Returns removed and added lines, with the unchanged lines between them.
    private static func changes(
        _ removed: ArraySlice<Substring>, _ added: ArraySlice<Substring>
    ) -> [String] {
        let difference = Array(added).difference(from: Array(removed))
        let gone = Set(difference.removals.map { offset(of: $0) })
        let come = Set(difference.insertions.map { offset(of: $0) })
        var text: [String] = []
        var new = 0
        for (index, line) in removed.enumerated() {
            if gone.contains(index) {
                text.append(marked("-", line))
                continue
            }
            while come.contains(new) {
                text.append(marked("+", added[added.startIndex + new]))
                new += 1
            }
            text.append(marked(" ", line))
            new += 1
        }
        return text + added.dropFirst(new).map { marked("+", $0) }
    }

    private static func offset(of change: CollectionDifference<Substring>.Change) -> Int {
        switch change {
        case .insert(let offset, _, _), .remove(let offset, _, _): offset
        }
    }

    /// Returns a range as diff(1) does: an empty range names the line before it.
    private static func range(_ start: Int, _ count: Int) -> String {
        count == 0 ? "\(start - 1),0" : "\(start),\(count)"
    }

    private static func marked(_ mark: String, _ line: Substring) -> String {
        line.utf8.last == UInt8(ascii: "\n")
            ? mark + line : mark + line + "\n\\ No newline at end of file\n"
    }

    /// Returns the lines with their line feeds.
    private static func lines(_ text: String) -> [Substring] {
        var lines: [Substring] = []
        var rest = text[...]
        while !rest.isEmpty {
            let end = rest.utf8.firstIndex(of: UInt8(ascii: "\n"))
            let next = end.map { rest.utf8.index(after: $0) } ?? rest.endIndex
            lines.append(rest[..<next])
            rest = rest[next...]
        }
        return lines
    }
}
