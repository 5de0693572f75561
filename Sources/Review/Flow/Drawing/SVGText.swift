import RuleIR

/// A flow as SVG 1.1 with its own layout; needs no drawing program and no font metrics.
package struct SVGText {
    /// The style sheet, for a page that embeds the picture.
    package static var styleSheet: String {
        String(decoding: PackageResources.diagram_css, as: UTF8.self)
    }

    private static let margin = 12.0
    private static let heading = 28.0

    private let flow: PacketFlow

    package init(_ flow: PacketFlow) {
        self.flow = flow
    }

    /// The picture as a file, with all hooks side by side.
    package var document: String {
        let layouts = flow.lanes.map { (lane: $0, layout: LaneLayout($0)) }
        let width =
            layouts.reduce(Self.margin) { $0 + $1.layout.width + Self.margin }
        let height =
            (layouts.map(\.layout.height).max() ?? 0) + 2 * Self.margin + Self.heading
        var lines = Self.opening(
            width: width, height: height, id: "flow", title: flow.title, summary: flow.summary)
        lines.append("<style>\n\(Self.styleSheet)</style>")
        lines.append(
            "<rect class=\"ground\" width=\"\(Self.number(width))\" height=\"\(Self.number(height))\"/>"
        )
        var left = Self.margin
        for (lane, layout) in layouts {
            lines.append(
                "<text class=\"lane\" x=\"\(Self.number(left))\" y=\"26\">\(lane.title)</text>")
            lines.append(
                "<g transform=\"translate(\(Self.number(left)) \(Self.number(Self.margin + Self.heading)))\">"
            )
            lines += Self.drawing(layout) + ["</g>"]
            left += layout.width + Self.margin
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private static func opening(
        width: Double, height: Double, id: String, title: String, summary: String
    ) -> [String] {
        [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"flow\" role=\"img\""
                + " aria-labelledby=\"\(id)-title \(id)-desc\""
                + " viewBox=\"0 0 \(number(width)) \(number(height))\""
                + " width=\"\(number(width))\" height=\"\(number(height))\">",
            "<title id=\"\(id)-title\">\(Markup.escaped(title))</title>",
            "<desc id=\"\(id)-desc\">\(Markup.escaped(summary))</desc>",
        ]
    }

    private static func drawing(_ layout: LaneLayout) -> [String] {
        layout.rails.flatMap { rail($0, layout.boxWidth) }
            + layout.boxes.flatMap { frame($0) + lines(of: $0) + arrow($0) }
    }

    static func rail(_ rail: LaneLayout.Rail, _ boxWidth: Double) -> [String] {
        let style = rail.target.style.rawValue
        let x = number(rail.x)
        let edge = number(boxWidth)
        let end = number(rail.end)
        let ways = rail.joins.map { "M\(edge) \(number($0))H\(x)" }.joined()
        return [
            "<path class=\"rail \(style)\" d=\"\(ways)M\(x) \(number(rail.joins[0]))V\(end)H\(number(boxWidth + 7))\"/>",
            "<path class=\"head \(style)\" d=\"M\(edge) \(end)l8 -4v8z\"/>",
        ]
            + rail.joins.map { join in
                "<circle class=\"head \(style)\" cx=\"\(x)\" cy=\"\(number(join))\" r=\"2.5\"/>"
            }
    }

    /// Returns the box without its text.
    static func frame(_ box: LaneLayout.Box) -> [String] {
        let content = box.content
        let corner = content.node.rows.isEmpty ? 14 : 4
        return [
            "<rect class=\"box \(content.node.style.rawValue)\" y=\"\(number(box.top))\""
                + " width=\"\(number(content.width))\" height=\"\(number(content.height))\""
                + " rx=\"\(corner)\"/>"
        ]
            + content.rules.map {
                "<path class=\"parting\" d=\"M0 \(number(box.top + $0))h\(number(content.width))\"/>"
            }
    }

    private static func lines(of box: LaneLayout.Box) -> [String] {
        box.content.lines.map { text($0, of: box) }
    }

    /// Returns the text of a row of the box; nil for the text above its rows.
    static func lines(of box: LaneLayout.Box, row: Int?) -> [String] {
        box.content.lines.filter { $0.row == row }.map { text($0, of: box) }
    }

    private static func text(_ line: NodeBox.Line, of box: LaneLayout.Box) -> String {
        let x = line.end ?? line.x
        let anchor = line.end == nil ? "" : " text-anchor=\"end\""
        return
            "<text class=\"\(line.role.rawValue)\"\(anchor) x=\"\(number(x))\" y=\"\(number(box.top + line.y))\">\(Markup.escaped(line.text))</text>"
    }

    /// Returns the straight arrow to the box below, if there is one.
    static func arrow(_ box: LaneLayout.Box) -> [String] {
        guard let words = box.arrow else { return [] }
        let tip = box.bottom + LaneLayout.arrowGap
        let label =
            "<text class=\"detail\" x=\"34\" y=\"\(number(box.bottom + 19))\">\(words)</text>"
        return [
            "<path class=\"rail\" d=\"M24 \(number(box.bottom))V\(number(tip - 7))\"/>",
            "<path class=\"head\" d=\"M24 \(number(tip))l-4 -8h8z\"/>",
        ] + (words.isEmpty ? [] : [label])
    }

    /// Returns a number, without a decimal point if it is whole.
    static func number(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}
