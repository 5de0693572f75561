import Addressing
package import RuleIR

/// The packet paths through the hooks, chains and verdicts of a ruleset.
///
/// All pictures show this graph.
package struct PacketFlow: Hashable, Sendable {
    /// The name of the rules, such as `tproxy_mesh`.
    package var name: String
    /// The families whose packets the rules see, as text.
    package var families: String
    /// One lane for each hook: output, then prerouting.
    package var lanes: [FlowLane]

    /// Follows every rule of `ruleset` to its target.
    ///
    /// `segmentOffset` is the distance of a segment from its stage's priority. It is 1 with
    /// nftables, where each segment is a chain of its own, and 0 with iptables, where both are in
    /// one chain. It is nil with eBPF, whose programs decide before every chain.
    package init(_ ruleset: Ruleset, segmentOffset: Int?) throws(RulesetProblem) {
        // Without loops, every path ends.
        try ruleset.check()
        name =
            segmentOffset == nil ? "the eBPF programs" : "tproxy_\(ruleset.instance)"
        families = ruleset.families.map(\.displayName).joined(separator: " and ")
        lanes = [Hook.output, .prerouting].map {
            LaneBuilder(ruleset, $0, segmentOffset: segmentOffset).lane
        }
    }

    /// The title of a picture.
    package var title: String { "Packet path through \(name)" }

    /// The picture as one sentence, for readers who can't see it.
    package var summary: String {
        let ends = lanes.map { lane in
            "\(lane.title): " + lane.ends.map(\.title).joined(separator: " / ")
        }
        return "For \(families). Packets end at one of these outcomes. "
            + ends.joined(separator: ". ") + "."
    }
}

/// The paths through one hook, from the source of the packets to their ends.
package struct FlowLane: Hashable, Sendable {
    package var hook: Hook
    /// The nodes in the order of evaluation: a node precedes all that it leads to.
    package var nodes: [FlowNode]

    package var title: String {
        switch hook {
        case .output: "Outgoing"
        case .prerouting: "Incoming"
        }
    }

    /// The nodes where paths end.
    package var ends: [FlowNode] {
        nodes.filter { node in
            if case .end = node.kind { true } else { false }
        }
    }

    /// The arrows; rules of a node with the same target share one.
    package var edges: [FlowEdge] {
        nodes.flatMap { node -> [FlowEdge] in
            var edges: [FlowEdge] = []
            for row in node.rows {
                guard let target = row.target else { continue }
                if let index = edges.firstIndex(where: { $0.to == target }) {
                    edges[index].rows.append(row)
                } else {
                    edges.append(FlowEdge(from: node.id, to: target, rows: [row]))
                }
            }
            if let otherwise = node.otherwise {
                edges.append(FlowEdge(from: node.id, to: otherwise, rows: []))
            }
            return edges
        }
    }
}

/// An arrow of a picture.
package struct FlowEdge: Hashable, Sendable {
    package var from: String
    package var to: String
    /// The rules that send packets along it; none for packets that no rule sent elsewhere.
    package var rows: [FlowRow]
}
