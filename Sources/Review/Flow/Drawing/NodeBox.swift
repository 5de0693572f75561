import RuleIR

/// A node as it is drawn: lines of text in a frame, and the exits of arrows.
struct NodeBox {
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
    }

    /// The exit of an arrow on the right side of the box.
    struct Exit {
        /// The distance from the top of the box.
        var y: Double
        var target: String
    }

    static let width = 320.0
    /// The entry of arrows on the right side, as a distance from the top of the box.
    static let entry = 16.0
    private static let margin = 12.0
    private static let indent = 34.0

    let node: FlowNode
    private(set) var lines: [Line] = []
    private(set) var exits: [Exit] = []
    private(set) var height = 8.0
    /// The tops of the rows, where lines separate them.
    private(set) var rules: [Double] = []

    /// Lays out a node; `titles` maps node names to titles.
    ///
    /// `next` is the node below, to which a straight arrow leads.
    init(_ node: FlowNode, titles: [String: String], next: String?) {
        self.node = node
        add(node.title, .heading, at: Self.margin)
        if let subtitle = node.subtitle { add(subtitle, .detail, at: Self.margin) }
        height += 8
        for row in node.rows {
            startRow()
            lines.append(Line(text: "\(row.number)", role: .number, x: Self.margin, y: height + 12))
            add(row.condition, .condition, at: Self.indent)
            if let effect = row.effect { add(effect, .effect, at: Self.indent) }
            add(row.rationale.reason, .reason, at: Self.indent)
            if let target = row.target { leave(to: target, titles) }
            height += 6
        }
        if let otherwise = node.otherwise, otherwise != next, !node.rows.isEmpty {
            startRow()
            add("otherwise", .condition, at: Self.indent)
            leave(to: otherwise, titles)
            height += 6
        }
    }

    private mutating func startRow() {
        rules.append(height)
        height += 6
    }

    private mutating func leave(to target: String, _ titles: [String: String]) {
        add("\u{2192} \(titles[target] ?? target)", .onward, at: Self.indent)
        exits.append(Exit(y: height - 8, target: target))
    }

    private mutating func add(_ text: String, _ role: Role, at x: Double) {
        let limit = (Self.width - x - Self.margin) / (role.isBold ? 1.14 : 1)
        for line in TextWidth.lines(of: text, size: role.size, limit: limit) {
            lines.append(Line(text: line, role: role, x: x, y: height + 12))
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
