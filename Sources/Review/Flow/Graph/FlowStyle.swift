/// The style of a node; the colours are for languages without a dark mode.
enum FlowStyle: String, CaseIterable {
    case origin
    case rules
    case proxy
    case dropped
    case passing

    var fill: String {
        switch self {
        case .origin: "#eef2f7"
        case .rules: "#ffffff"
        case .proxy: "#dbeafe"
        case .dropped: "#fee2e2"
        case .passing: "#dcfce7"
        }
    }

    var stroke: String {
        switch self {
        case .origin, .rules: "#64748b"
        case .proxy: "#1d4ed8"
        case .dropped: "#b91c1c"
        case .passing: "#15803d"
        }
    }

    var ink: String { "#0f172a" }
}

extension FlowNode {
    var style: FlowStyle {
        switch kind {
        case .origin, .socket: .origin
        case .segment, .chain: .rules
        case .end(.proxy): .proxy
        case .end(.dropped): .dropped
        case .end(.dockerDNS), .end(.afterJump), .end(.notRedirected): .passing
        }
    }

    /// The text in the node: its title, and the rules after which evaluation continues.
    var lines: [String] {
        [title] + (subtitle.map { [$0] } ?? [])
            + rows.filter { $0.target == nil }.map(\.line)
    }
}
