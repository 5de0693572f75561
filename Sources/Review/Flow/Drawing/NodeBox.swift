import RuleIR

/// A node as it is drawn: lines of text in a frame, and the exits of arrows.
struct NodeBox {
    /// The space for a picture.
    enum Shape: String, CaseIterable {
        /// Boxes for the screen of a phone; a row's target is below its text.
        case narrow
        /// Boxes of twice the width; a row's target is beside its text.
        case wide

        var boxWidth: Double {
            switch self {
            case .narrow: 320
            case .wide: 600
            }
        }
    }

    /// The kind of a line of text, which decides its style.
    enum Role: String {
        case heading
        case detail
        case number
        case condition
        case reason
        case effect
        case onward
    }

    struct Line {
        var text: String
        var role: Role
        var x: Double
        /// The distance of the baseline from the top of the box.
        var y: Double
        /// The row that the line is about; nil for the node itself.
        var row: Int?
        /// Where the text ends, if it is aligned on the right.
        var end: Double?
    }

    /// The exit of an arrow on the right side of the box.
    struct Exit {
        /// The distance from the top of the box.
        var y: Double
        var target: String
        /// The number of the row's first rule; 0 for packets that no rule matches.
        var number: Int
    }

    /// The space of a row of the node, or of the last one for all other packets.
    struct RowSpace {
        /// The row; nil for packets that no rule matches.
        var row: FlowRow?
        var top: Double
        var bottom: Double
    }

    /// The entry of arrows on the right side, as a distance from the top of the box.
    static let entry = 16.0
    private static let margin = 12.0
    private static let indent = 52.0
    private static let gap = 12.0

    let node: FlowNode
    let width: Double
    private let shape: Shape
    private(set) var lines: [Line] = []
    private(set) var exits: [Exit] = []
    private(set) var height = 8.0
    private(set) var rows: [RowSpace] = []

    /// Lays out a node; `titles` maps node names to titles.
    ///
    /// `next` is the node below, to which a straight arrow leads.
    init(_ node: FlowNode, titles: [String: String], next: String?, _ shape: Shape) {
        self.node = node
        self.shape = shape
        width = shape.boxWidth
        add(node.title, .heading, at: Self.margin)
        if let subtitle = node.subtitle { add(subtitle, .detail, at: Self.margin) }
        height += 8
        for row in node.rows { add(row, titles) }
        if let otherwise = node.otherwise, otherwise != next, !node.rows.isEmpty {
            addOtherwise(otherwise, titles)
        }
    }

    /// The tops of the rows, where lines separate them.
    var rules: [Double] { rows.map(\.top) }

    private mutating func add(_ row: FlowRow, _ titles: [String: String]) {
        startRow(row)
        lines.append(
            Line(
                text: row.label, role: .number, x: Self.margin, y: height + 12,
                row: rows.count - 1))
        let exit = row.target.map {
            Onward(target: $0, text: Self.onward($0, titles), number: row.numbers.lowerBound)
        }
        let limit = exit.flatMap { leaveBeside($0) }
        add(row.condition, .condition, at: Self.indent, limit)
        if let effect = row.effect { add(effect, .effect, at: Self.indent) }
        add(row.detail, .reason, at: Self.indent)
        if limit == nil, let exit { leaveBelow(exit) }
        endRow()
    }

    private mutating func addOtherwise(_ target: String, _ titles: [String: String]) {
        startRow(nil)
        let exit = Onward(target: target, text: Self.onward(target, titles), number: 0)
        let limit = leaveBeside(exit)
        add("otherwise", .condition, at: Self.indent, limit)
        if limit == nil { leaveBelow(exit) }
        endRow()
    }

    private mutating func startRow(_ row: FlowRow?) {
        rows.append(RowSpace(row: row, top: height, bottom: height))
        height += 6
    }

    private mutating func endRow() {
        // A row has the height of its number and target, even without other text.
        height = max(height + 6, rows[rows.count - 1].top + 28)
        rows[rows.count - 1].bottom = height
    }

    /// The arrow that leaves a row, and its label.
    private struct Onward {
        var target: String
        var text: String
        var number: Int
    }

    /// Adds the target beside the first line of a wide box; returns the space that it leaves.
    ///
    /// Returns nil if there is no space for it.
    private mutating func leaveBeside(_ exit: Onward) -> Double? {
        let space = width - Self.indent - Self.margin
        let length = TextWidth.of(exit.text, size: Role.onward.size, isBold: true)
        guard shape == .wide, length < space * 0.6 else { return nil }
        lines.append(
            Line(
                text: exit.text, role: .onward, x: width - Self.margin - length, y: height + 12,
                row: rows.count - 1, end: width - Self.margin))
        exits.append(Exit(y: height + 8, target: exit.target, number: exit.number))
        return space - length - Self.gap
    }

    private mutating func leaveBelow(_ exit: Onward) {
        add(exit.text, .onward, at: Self.indent)
        exits.append(Exit(y: height - 8, target: exit.target, number: exit.number))
    }

    private static func onward(_ target: String, _ titles: [String: String]) -> String {
        "\u{2192} \(titles[target] ?? target)"
    }

    private mutating func add(
        _ text: String, _ role: Role, at x: Double, _ limit: Double? = nil
    ) {
        let space = (limit ?? (width - x - Self.margin)) / (role.isBold ? 1.14 : 1)
        for line in TextWidth.lines(of: text, size: role.size, limit: space) {
            lines.append(
                Line(text: line, role: role, x: x, y: height + 12, row: rows.indices.last))
            height += 16
        }
    }
}

extension NodeBox.Role {
    /// The font size in pixels, as in diagram.css.
    var size: Double {
        switch self {
        case .heading: 13
        case .condition, .onward, .number, .effect: 12
        case .detail, .reason: 11
        }
    }

    var isBold: Bool {
        switch self {
        case .heading, .onward, .number, .effect: true
        case .detail, .condition, .reason: false
        }
    }
}
