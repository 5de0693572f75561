import RuleIR

/// A flow in the DOT language of graphviz.
package struct DotText {
    private let flow: PacketFlow

    package init(_ flow: PacketFlow) {
        self.flow = flow
    }

    package var text: String {
        var lines = [
            "digraph \(Self.quoted(flow.name)) {",
            "    graph [label=\(Self.quoted(flow.title)), labelloc=t, tooltip=\(Self.quoted(flow.summary)),",
            "        fontname=\"Helvetica,Arial,sans-serif\", fontsize=14, ranksep=0.4, compound=true]",
            "    node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica,Arial,sans-serif\", fontsize=11]",
            "    edge [fontname=\"Helvetica,Arial,sans-serif\", fontsize=10]",
        ]
        for lane in flow.lanes {
            lines.append("    subgraph \(Self.quoted("cluster_\(lane.hook.rawValue)")) {")
            lines.append("        label=\(Self.quoted(lane.title))")
            lines += lane.nodes.map { node in
                let style = node.style
                return "        \(node.id) [label=\(Self.label(node.lines)),"
                    + " fillcolor=\"\(style.fill)\", color=\"\(style.stroke)\","
                    + " fontcolor=\"\(style.ink)\"]"
            }
            lines.append("    }")
        }
        for lane in flow.lanes {
            let nodes = Dictionary(uniqueKeysWithValues: lane.nodes.map { ($0.id, $0) })
            for edge in lane.edges {
                let words = nodes[edge.from].map(edge.lines(from:)) ?? []
                let label = words.isEmpty ? "" : " [label=\(Self.label(words))]"
                lines.append("    \(edge.from) -> \(edge.to)\(label)")
            }
        }
        lines.append("}")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Returns lines as one label, left-aligned.
    private static func label(_ lines: [String]) -> String {
        guard lines.count > 1 else { return quoted(lines.first ?? "") }
        return "\"" + lines.map { escaped($0) + "\\l" }.joined() + "\""
    }

    private static func quoted(_ text: String) -> String { "\"\(escaped(text))\"" }

    /// Escapes characters that have a meaning in a quoted text.
    ///
    /// Labels also interpret entities (`&lt;`), so `&` becomes one; a line break becomes a space.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "&": "&amp;"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: " "
            case _: String(scalar)
            }
        }.joined()
    }
}
