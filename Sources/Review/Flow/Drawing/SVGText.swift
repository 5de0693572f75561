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

    /// Returns the picture of one hook, for a page that has the style sheet.
    package func element(of lane: FlowLane) -> String {
        let layout = LaneLayout(lane)
        let ends = lane.ends.map(\.title).joined(separator: "; ")
        var lines = Self.opening(
            width: layout.width + 2, height: layout.height + 2, id: "flow-\(lane.hook.rawValue)",
            title: "\(lane.title): \(flow.title)", summary: "Packets can end here: \(ends).")
        lines.append("<g transform=\"translate(1 1)\">")
        lines += Self.drawing(layout)
        return (lines + ["</g>", "</svg>"]).joined(separator: "\n") + "\n"
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
        layout.rails.flatMap(rail) + layout.boxes.flatMap(box)
    }

    private static func rail(_ rail: LaneLayout.Rail) -> [String] {
        let style = rail.target.style.rawValue
        let x = number(rail.x)
        let edge = number(NodeBox.width)
        let end = number(rail.end)
        let ways = rail.joins.map { "M\(edge) \(number($0))H\(x)" }.joined()
        return [
            "<path class=\"rail \(style)\" d=\"\(ways)M\(x) \(number(rail.joins[0]))V\(end)H\(number(NodeBox.width + 7))\"/>",
            "<path class=\"head \(style)\" d=\"M\(edge) \(end)l8 -4v8z\"/>",
        ]
            + rail.joins.map { join in
                "<circle class=\"head \(style)\" cx=\"\(x)\" cy=\"\(number(join))\" r=\"2.5\"/>"
            }
    }

    private static func box(_ box: LaneLayout.Box) -> [String] {
        let content = box.content
        let corner = content.node.rows.isEmpty ? 14 : 4
        var lines = [
            "<rect class=\"box \(content.node.style.rawValue)\" y=\"\(number(box.top))\""
                + " width=\"\(number(NodeBox.width))\" height=\"\(number(content.height))\""
                + " rx=\"\(corner)\"/>"
        ]
        lines += content.rules.map {
            "<path class=\"parting\" d=\"M0 \(number(box.top + $0))h\(number(NodeBox.width))\"/>"
        }
        lines += content.lines.map {
            "<text class=\"\($0.role.rawValue)\" x=\"\(number($0.x))\" y=\"\(number(box.top + $0.y))\">\(Markup.escaped($0.text))</text>"
        }
        if let words = box.arrow {
            let tip = number(box.bottom + LaneLayout.arrowGap)
            lines.append(
                "<path class=\"rail\" d=\"M24 \(number(box.bottom))V\(number(box.bottom + LaneLayout.arrowGap - 7))\"/>"
            )
            lines.append("<path class=\"head\" d=\"M24 \(tip)l-4 -8h8z\"/>")
            if !words.isEmpty {
                lines.append(
                    "<text class=\"detail\" x=\"34\" y=\"\(number(box.bottom + 19))\">\(words)</text>"
                )
            }
        }
        return lines
    }

    /// Returns a number, without a decimal point if it is whole.
    private static func number(_ value: Double) -> String {
        value == value.rounded() ? "\(Int(value))" : "\(value)"
    }
}
