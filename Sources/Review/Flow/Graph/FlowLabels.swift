import RuleIR

// What the pictures call their parts.
extension FlowNode {
    /// What it is, in a few words.
    package var title: String {
        switch kind {
        case .origin(.output): "A process of this host sends a packet"
        case .origin(.prerouting): "A packet arrives on an interface"
        case .segment(let segment): segment.title
        case .chain(let name): "chain \(name)"
        case .end(.proxy(let port)): "to the proxy, port \(port)"
        case .end(.dropped): "dropped"
        case .end(.dockerDNS): "to Docker's DNS rules"
        case .end(.behindJump): "returns to the calling chain"
        case .end(.onItsWay): "not redirected"
        }
    }

    /// The second line, if there is something more to say.
    package var subtitle: String? {
        switch kind {
        case .origin(let hook): "hook \(hook.rawValue)"
        case .segment(let segment): segment.subtitle
        case .chain, .end: nil
        }
    }
}

extension FlowSegment {
    package var title: String {
        let place =
            if priority < stage.priority {
                "before iptables"
            } else if priority > stage.priority {
                "after iptables"
            } else {
                part == .first ? "before other rules" : "after other rules"
            }
        return "\(stage.rawValue) \(hook.rawValue), priority \(priority) (\(place))"
    }

    /// What limits the packets that come here.
    package var subtitle: String {
        switch stage {
        case .raw: "before conntrack"
        case .mangle: "every packet"
        case .nat: "first packets of connections"
        }
    }
}

extension FlowRow {
    /// `rule 3: tcp, to port 53`, and what it does beside sending the packet on.
    ///
    /// Not `3.`, which mermaid would take for a list.
    package var line: String {
        "rule \(number): \(condition)" + (effect.map { ": \($0)" } ?? "")
    }
}

extension FlowEdge {
    /// The lines on the arrow; none where nothing has to hold.
    func lines(from node: FlowNode) -> [String] {
        if !rows.isEmpty { return rows.map(\.line) }
        return node.rows.isEmpty ? [] : ["otherwise"]
    }
}
