/// A Markdown table with aligned columns.
struct Table: Hashable {
    var title: String
    var head: [String]
    var rows: [[String]]
    /// Notes below it.
    var notes: [String] = []

    var lines: [String] {
        var lines = ["### \(title)", ""]
        guard !rows.isEmpty else { return lines + ["Not measured."] }
        let widths = head.indices.map { column in
            ([head] + rows).map { $0[column].count }.max() ?? 0
        }
        func line(_ cells: [String]) -> String {
            let padded = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return "| " + padded.joined(separator: " | ") + " |"
        }
        lines.append(line(head))
        lines.append(
            "|" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "|") + "|")
        lines += rows.map(line)
        for note in notes { lines += ["", note] }
        return lines
    }
}
