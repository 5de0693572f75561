/// Columns of text, each as wide as its widest cell if space permits.
struct TextTable {
    private static let gap = 2
    /// The minimum width of a column.
    private static let leastWidth = 8

    private let header: [[Span]]
    private let rows: [[[Span]]]

    init(header: [String], rows: [[String]] = []) {
        self.init(header: header, cells: rows.map { $0.map { [Span($0)] } })
    }

    init(header: [String], cells rows: [[[Span]]]) {
        self.header = header.map { [Span($0, .heading)] }
        self.rows = rows
    }

    /// Returns the lines, without trailing spaces and with at most `width` columns.
    ///
    /// If space is short, the widest columns become narrower and their cells wrap.
    func lines(width: Int?) -> [[Span]] {
        let widths = columnWidths(within: width)
        return ([header] + rows).flatMap { Self.lines(of: $0, widths) }
    }

    private func columnWidths(within width: Int?) -> [Int] {
        var widths = header.indices.map { column in
            ([header] + rows).map { $0.indices.contains(column) ? $0[column].width : 0 }.max() ?? 0
        }
        guard let width else { return widths }
        let gaps = Self.gap * max(0, widths.count - 1)
        while widths.reduce(0, +) + gaps > width, let widest = widths.max(),
            widest > Self.leastWidth, let column = widths.lastIndex(of: widest)
        {
            widths[column] -= 1
        }
        return widths
    }

    private static func lines(of row: [[Span]], _ widths: [Int]) -> [[Span]] {
        let cells = zip(row, widths).map { cell, width in cell.wrapped(to: width) }
        let height = cells.map(\.count).max() ?? 0
        return (0..<height).map { number in
            var line: [Span] = []
            var missing = 0
            for (cell, width) in zip(cells, widths) {
                let piece = number < cell.count ? cell[number] : []
                if piece.width > 0 {
                    line.append(Span(String(repeating: " ", count: missing)))
                    line += piece
                    missing = width - piece.width + gap
                } else {
                    missing += width + gap
                }
            }
            return line
        }
    }
}
