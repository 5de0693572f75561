import Addressing
import RuleTrace

/// The outcome of one packet, for printing.
struct PacketAnswer: Encodable {
    struct Step: Encodable {
        var place: String
        var condition: String
        var action: String
        var reason: String
        /// The configuration key; empty for foreign rules.
        var key: String
        /// Where the user set the key, or `default`.
        var origin: String?
    }

    /// Another outcome, if the kernel chooses at random.
    struct Alternative: Encodable {
        var outcome: String
        var address: String?
        var port: UInt16?
        var deciding: Step?

        init(_ outcome: Explanation.Outcome, _ deciding: Step?, of packet: Packet) {
            self.outcome = PacketAnswer.name(of: outcome)
            self.deciding = deciding
            switch outcome {
            case .redirected(let port): self.port = port.number
            // A destination that the listing doesn't show.
            case .translated(nil, nil): break
            case .translated(let address, let port):
                self.address = (address ?? packet.destination).description
                self.port = (port ?? packet.destinationPort).number
            case .bypassed, .untouched, .dropped: break
            }
        }

        var words: String {
            switch outcome {
            case "redirected": "redirected to port \(port.map { "\($0)" } ?? "?") of this host"
            case "translated":
                address.map { "sent to \($0) port \(port.map { "\($0)" } ?? "?") instead" }
                    ?? "sent to another destination, which the listing doesn't show"
            case "bypassed": "bypassed: not redirected"
            case "dropped": "dropped"
            case _: "untouched: not redirected"
            }
        }
    }

    /// The packet as text.
    var packet: String
    /// The packet in the form that `--packets` reads.
    var asked: PacketLine.Fields
    /// `redirected`, `translated`, `bypassed`, `untouched` or `dropped`.
    var outcome: String
    /// The address that the packet is redirected or translated to; nil if unknown.
    var address: String?
    var port: UInt16?
    /// The other outcomes, if the kernel chooses at random.
    var alternatives: [Alternative]?
    var conntrackZone: UInt16
    var deciding: Step?
    var steps: [Step]
    /// Rules before the outcome that may change it.
    var doubts: [Step]
    private let outcomeWords: String
    /// Whether the chains at all hooks of the packet's path were evaluated.
    let isFollowed: Bool
    private let isExhaustive: Bool

    private enum CodingKeys: String, CodingKey {
        case packet, asked, outcome, address, port, alternatives, conntrackZone, deciding, steps
        case doubts
    }

    init(_ explanation: Explanation, _ words: TraceMessages) {
        let packet = explanation.packet
        self.packet = TraceMessages.sentence(packet)
        asked = PacketLine.Fields(packet)
        let deciding = explanation.decisive.map { words.step($0) }
        let first = Alternative(explanation.outcome, deciding, of: packet)
        (outcome, address, port) = (first.outcome, first.address, first.port)
        self.deciding = deciding
        let others = explanation.alternatives.map {
            Alternative($0.outcome, $0.decisive.map { words.step($0) }, of: packet)
        }
        alternatives = others.isEmpty ? nil : others
        conntrackZone = explanation.conntrackZone
        outcomeWords = first.words
        isFollowed = explanation.isFollowed
        isExhaustive = explanation.isExhaustive
        steps = explanation.steps.map { words.step($0) }
        doubts = explanation.doubts.map { words.step($0) }
    }

    /// Returns the outcome and its reason; `withPath` adds every rule that the packet met.
    func text(withPath: Bool) -> ReportText {
        var report = ReportText()
        add(to: &report, indent: "", withPath: withPath)
        return report
    }

    /// Adds the same text to another report.
    func add(to report: inout ReportText, indent: String, withPath: Bool) {
        for line in lines {
            report.add(indent + line, hanging: indent.count + 10)
        }
        for line in withPath ? pathLines : [] {
            report.add(line.isEmpty ? "" : indent + line, hanging: indent.count + 7)
        }
    }

    /// The lines, each with a label of ten columns.
    var lines: [String] {
        var lines = ["packet    \(packet)", "outcome   \(outcomeWords)"]
        for other in (alternatives ?? []).prefix(Self.shownAlternatives) {
            let place = other.deciding.map { " (\($0.place))" } ?? ""
            lines.append("or        \(other.words)\(place)")
        }
        if let count = alternatives?.count, count > Self.shownAlternatives {
            lines.append("or        \(count - Self.shownAlternatives) more; see --output json")
        }
        if !isExhaustive { lines.append("or        more: the rules have too many random choices") }
        if let deciding {
            lines.append("because   \(deciding.reason) (\(deciding.place))")
            if !deciding.key.isEmpty {
                let origin = deciding.origin.map { ", \($0)" } ?? ""
                lines.append("key       \(deciding.key)\(origin)")
            }
        } else {
            lines.append("because   no rule redirects it")
        }
        if conntrackZone != 0 {
            lines.append("zone      conntrack zone \(conntrackZone)")
        }
        guard !doubts.isEmpty else { return lines }
        lines.append(
            "doubt     \(Self.counted(doubts.count, "rule")) on its path can't be evaluated;"
                + " the answer is wrong if one of them matches:")
        return lines + doubts.map { "          \($0.place): \($0.condition): \($0.action)" }
    }

    private var pathLines: [String] {
        guard !steps.isEmpty else { return ["", "it met no rule"] }
        return ["", "rules it met"]
            + steps.enumerated().flatMap { index, step in
                let key = step.key.isEmpty ? "" : " [\(step.key)]"
                return [
                    "  \(index + 1). \(step.place)", "     \(step.condition): \(step.action)",
                    "     \(step.reason)\(key)",
                ]
            }
    }

    /// The number of other outcomes that are printed.
    private static let shownAlternatives = 8

    static func name(of outcome: Explanation.Outcome) -> String {
        switch outcome {
        case .redirected: "redirected"
        case .translated: "translated"
        case .bypassed: "bypassed"
        case .untouched: "untouched"
        case .dropped: "dropped"
        }
    }

    static func counted(_ count: Int, _ noun: String) -> String {
        "\(count) \(noun)\(count == 1 ? "" : "s")"
    }
}
