import RuleIR

// The labels of the pictures.
extension FlowNode {
    /// A short title.
    package var title: String {
        switch kind {
        case .origin(.output): "A process of this host sends a packet"
        case .origin(.prerouting): "A packet arrives on an interface"
        case .segment(let segment): segment.title
        case .chain(let name): "chain \(name)"
        case .end(.proxy(let port)): "to the proxy, port \(port)"
        case .end(.dropped): "dropped"
        case .end(.dockerDNS): "to Docker's DNS rules"
        case .end(.afterJump): "returns to the calling chain"
        case .end(.notRedirected): "not redirected"
        }
    }

    /// The second line; nil without one.
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

    /// The limit on the packets that reach the segment.
    package var subtitle: String {
        switch stage {
        case .raw: "before conntrack"
        case .mangle: "every packet"
        case .nat: "first packets of connections"
        }
    }
}

extension FlowRow {
    /// The text `rule 3: tcp, to port 53`, and the rule's effect besides the target.
    ///
    /// It isn't `3.`, which mermaid would read as a list.
    package var line: String {
        "rule \(number): \(condition)" + (effect.map { ": \($0)" } ?? "")
    }
}

extension FlowEdge {
    /// Returns the lines on the arrow; none if there is no condition.
    func lines(from node: FlowNode) -> [String] {
        if !rows.isEmpty { return rows.map(\.line) }
        return node.rows.isEmpty ? [] : ["otherwise"]
    }
}
