import RuleIR

/// A flow as a mermaid flowchart (syntax of version 10), which GitHub draws in Markdown.
package struct MermaidText {
    private let flow: PacketFlow

    package init(_ flow: PacketFlow) {
        self.flow = flow
    }

    package var text: String {
        var lines = [
            "flowchart TD", "    accTitle: \(Self.plain(flow.title))",
            "    accDescr: \(Self.plain(flow.summary))",
        ]
        for lane in flow.lanes {
            lines.append("    subgraph \(lane.hook.rawValue) [\(Self.quoted([lane.title]))]")
            lines += lane.nodes.map { "        \(Self.shape($0))" }
            lines.append("    end")
        }
        for lane in flow.lanes {
            let nodes = Dictionary(uniqueKeysWithValues: lane.nodes.map { ($0.id, $0) })
            for edge in lane.edges {
                let words = nodes[edge.from].map(edge.lines(from:)) ?? []
                let label = words.isEmpty ? "" : "|\(Self.quoted(words))|"
                lines.append("    \(edge.from) -->\(label) \(edge.to)")
            }
        }
        for style in FlowStyle.allCases {
            let ids = flow.lanes.flatMap(\.nodes).filter { $0.style == style }.map(\.id)
            guard !ids.isEmpty else { continue }
            lines.append(
                "    classDef \(style.rawValue) fill:\(style.fill),stroke:\(style.stroke),"
                    + "color:\(style.ink)")
            lines.append("    class \(ids.joined(separator: ",")) \(style.rawValue)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func shape(_ node: FlowNode) -> String {
        switch node.kind {
        case .origin, .socket, .end: "\(node.id)([\(quoted(node.lines))])"
        case .segment, .chain: "\(node.id)[\(quoted(node.lines))]"
        }
    }

    /// Returns lines as one quoted label.
    ///
    /// Characters that mermaid, HTML or Markdown could interpret become mermaid's `#` codes.
    private static func quoted(_ lines: [String]) -> String {
        "\"" + lines.map(escaped).joined(separator: "<br/>") + "\""
    }

    /// Returns text for places where mermaid doesn't read codes.
    private static func plain(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { isPlain($0) ? $0 : " " }))
    }

    private static func escaped(_ line: String) -> String {
        line.unicodeScalars.map { scalar in
            isPlain(scalar) ? String(scalar) : "#\(scalar.value);"
        }.joined()
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9": true
        case " ", ".", ",", ":", "/", "-", "+", "'", "(", ")", "_", "@": true
        case _: false
        }
    }
}
