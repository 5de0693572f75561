import RuleIR

// The labels of the pictures.
extension FlowNode {
    /// A short title.
    package var title: String {
        switch kind {
        case .origin(.output): "A process of this host sends a packet"
        case .origin(.prerouting): "A packet arrives on an interface"
        case .socket(.output): "A process connects a socket, or sends a datagram"
        case .socket(.prerouting): "A connection arrives at this host"
        case .segment(let segment): segment.title
        case .chain(let name): "chain \(name)"
        case .end(.proxy(let port)): "to the proxy, port \(port)"
        case .end(.dropped): "dropped"
        case .end(.dockerDNS): "to Docker's DNS rules"
        case .end(.afterJump): "returns to the calling chain"
        case .end(.notRedirected): "not redirected"
        }
    }

    /// The title without the priority, for a rule that leads here.
    var name: String {
        switch kind {
        case .segment(let segment): "\(segment.list)"
        case .origin, .socket, .chain, .end: title
        }
    }

    /// The second line; nil without one.
    package var subtitle: String? {
        switch kind {
        case .origin(let hook): "hook \(hook.rawValue)"
        case .socket(.output): "programs connect4, connect6, sendmsg4 and sendmsg6"
        case .socket(.prerouting): "program sk_lookup"
        case .segment(let segment): segment.subtitle
        case .chain, .end: nil
        }
    }
}

extension FlowSegment {
    /// The name of the list, which changes and explanations use, and the place among other rules.
    package var title: String {
        guard let priority else { return "\(list) (eBPF)" }
        let place =
            if priority < stage.priority {
                "before iptables"
            } else if priority > stage.priority {
                "after iptables"
            } else {
                part == .first ? "before other rules" : "after other rules"
            }
        return "\(list), priority \(priority) (\(place))"
    }

    /// The limit on the packets that reach the segment.
    package var subtitle: String {
        guard priority != nil else { return "before the route, without conntrack" }
        return switch stage {
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
        "\(numbers.count == 1 ? "rule" : "rules") \(label): \(condition)"
            + (effect.map { ": \($0)" } ?? "")
    }

    /// The number, or those of a rule and its twin: `3`, `1-2`.
    package var label: String {
        numbers.count == 1 ? "\(numbers.lowerBound)" : "\(numbers.lowerBound)-\(numbers.upperBound)"
    }

    /// Why the rule exists: its reason and key, or the reasons of the rules that were folded.
    var detail: String {
        folded.isEmpty
            ? rationale.words : folded.map(\.rationale.reason).joined(separator: "; ")
    }
}

extension FlowEdge {
    /// Returns the lines on the arrow; none if there is no condition.
    func lines(from node: FlowNode) -> [String] {
        if !rows.isEmpty { return rows.map(\.line) }
        return node.rows.isEmpty ? [] : ["otherwise"]
    }
}
