import Addressing
package import RuleIR

/// A packet's way through the hooks, chains and verdicts of a ruleset: what every picture shows.
package struct PacketFlow: Hashable, Sendable {
    /// What the rules are called, such as `tproxy_mesh`.
    package var name: String
    /// The families whose packets the rules see, in words.
    package var families: String
    /// One for each hook: what goes out, then what comes in.
    package var lanes: [FlowLane]

    /// Follows every rule of `ruleset` to where it leads.
    ///
    /// `segmentOffset` is how far from its stage's priority a segment runs: 1 with nftables, where
    /// each segment is a chain of its own; 0 with iptables, where both stand in one chain.
    package init(_ ruleset: Ruleset, segmentOffset: Int) throws(RulesetProblem) {
        // Without loops, every way has an end.
        try ruleset.check()
        name = "tproxy_\(ruleset.instance)"
        families = ruleset.families.map(\.displayName).joined(separator: " and ")
        lanes = [Hook.output, .prerouting].map {
            LaneBuilder(ruleset, $0, segmentOffset: segmentOffset).lane
        }
    }

    /// What a picture is called.
    package var title: String { "Packet path through \(name)" }

    /// The picture in a sentence, for those who don't see it.
    package var summary: String {
        let ends = lanes.map { lane in
            "\(lane.title): " + lane.ends.map(\.title).joined(separator: " / ")
        }
        return "For \(families). Packets end at one of these outcomes. "
            + ends.joined(separator: ". ") + "."
    }
}

/// The way through one hook, from where packets come from to where they end.
package struct FlowLane: Hashable, Sendable {
    package var hook: Hook
    /// In the order of the way: a node comes before all that it leads to.
    package var nodes: [FlowNode]

    package var title: String {
        switch hook {
        case .output: "Outgoing"
        case .prerouting: "Incoming"
        }
    }

    /// The nodes where ways end.
    package var ends: [FlowNode] {
        nodes.filter { node in
            if case .end = node.kind { true } else { false }
        }
    }

    /// The arrows: rules of a node that lead to the same place share one.
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
    /// The rules that send packets this way; none for packets that no rule sent elsewhere.
    package var rows: [FlowRow]
}
