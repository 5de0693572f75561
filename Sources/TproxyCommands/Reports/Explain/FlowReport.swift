import Addressing
import RuleTrace

/// A connection in the steps that packets take.
struct FlowReport: Encodable {
    struct Leg: Encodable {
        /// `asked`, `toDestination`, `toApplication` or `toResolver`.
        var purpose: String
        var title: String
        var answer: PacketAnswer
        var target: String?
        /// `outbound`, `inbound`, `dns` or `unknown`.
        var listener: String?
    }

    struct Reply: Encodable {
        /// The index of the leg that it answers, from 0.
        var leg: Int
        var answer: PacketAnswer
        /// Whether conntrack finds the connection of the reply.
        var isFound: Bool
        /// The source address and port after conntrack has undone a redirect.
        var restored: String?
    }

    var legs: [Leg]
    /// `arrives`, `dropped`, `loops` or `leaves`.
    var end: String
    /// The index of the leg that would repeat.
    var loopsTo: Int?
    var replies: [Reply]

    private static let indent = "   "

    init(_ flow: Flow, _ words: TraceMessages) {
        legs = flow.legs.map { leg in
            Leg(
                purpose: leg.purpose.name, title: leg.purpose.title,
                answer: PacketAnswer(leg.explanation, words),
                target: leg.target.map(Self.words), listener: leg.target?.listener.name)
        }
        switch flow.end {
        case .arrives: end = "arrives"
        case .dropped: end = "dropped"
        case .leaves: end = "leaves"
        case .loops(let leg):
            end = "loops"
            loopsTo = leg
        }
        replies = flow.replies.map { reply in
            Reply(
                leg: reply.leg, answer: PacketAnswer(reply.explanation, words),
                isFound: reply.isFound,
                restored: reply.restored.map { Endpoint($0.address, $0.port).description })
        }
    }

    /// Whether the whole path of every packet was evaluated.
    var isFollowed: Bool {
        (legs.map(\.answer) + replies.map(\.answer)).allSatisfy(\.isFollowed)
    }

    /// Whether rules that can't be evaluated precede an answer.
    var isInDoubt: Bool {
        !(legs.map(\.answer) + replies.map(\.answer)).allSatisfy(\.doubts.isEmpty)
    }

    func text(withPath: Bool) -> ReportText {
        var report = ReportText()
        for (index, leg) in legs.enumerated() {
            report.add("\(index + 1). \(leg.title)", .heading)
            leg.answer.add(to: &report, indent: Self.indent, withPath: withPath)
            if let target = leg.target {
                report.add("\(Self.indent)sent to   \(target)", hanging: 13)
            }
            report.addBlankLine()
        }
        for (index, reply) in replies.enumerated() {
            let title = reply.leg == 0 ? "the answer to the sender" : "the answer to the proxy"
            report.add("\(legs.count + index + 1). \(title)", .heading)
            for line in lines(reply) {
                report.add(Self.indent + line, hanging: 13)
            }
            report.addBlankLine()
        }
        report.add(summary)
        return report
    }

    private func lines(_ reply: Reply) -> [String] {
        var lines = ["packet    \(reply.answer.packet)"]
        let zone = reply.answer.conntrackZone
        let wanted = legs[reply.leg].answer.conntrackZone
        let zoneWords = zone == 0 ? "" : " in zone \(zone)"
        guard reply.isFound else {
            lines.append(
                reply.answer.outcome == "dropped"
                    ? "outcome   DROPPED"
                    : "outcome   LOST: conntrack looks in zone \(zone), the connection is in \(wanted)"
            )
            return lines
        }
        if let restored = reply.restored {
            lines.append(
                "outcome   conntrack\(zoneWords) undoes the redirect: it comes from \(restored)")
        } else {
            lines.append(
                "outcome   conntrack\(zoneWords) has an entry for the connection: nothing is changed"
            )
        }
        if zone != 0, let rule = reply.answer.steps.last {
            lines.append("because   \(rule.reason) (\(rule.place))")
            if !rule.key.isEmpty {
                lines.append("key       \(rule.key)\(rule.origin.map { ", \($0)" } ?? "")")
            }
        }
        return lines
    }

    private var summary: Span {
        switch end {
        case "arrives":
            replies.allSatisfy(\.isFound)
                ? Span("it arrives, and the answer comes back", .good)
                : Span("it arrives, and the ANSWER IS LOST", .alarming)
        case "dropped": Span("it is DROPPED", .alarming)
        case "loops":
            Span("it LOOPS: step \((loopsTo ?? 0) + 1) repeats endlessly", .alarming)
        case _: Span("unknown: that port isn't the proxy's", .alarming)
        }
    }

    private static func words(_ target: Flow.Target) -> String {
        let address = target.address.map { "\($0)" } ?? "the first address of \(target.interface)"
        return "\(address) port \(target.port), \(target.listener.words)"
    }
}

extension Flow.Purpose {
    fileprivate var name: String {
        switch self {
        case .asked: "asked"
        case .toDestination: "toDestination"
        case .toApplication: "toApplication"
        case .toResolver: "toResolver"
        }
    }

    fileprivate var title: String {
        switch self {
        case .asked: "the packet"
        case .toDestination: "the proxy's connection to the original destination"
        case .toApplication: "the proxy's hop to the application"
        case .toResolver: "the proxy's own query to a resolver"
        }
    }
}

extension Flow.Listener {
    fileprivate var name: String {
        switch self {
        case .outbound: "outbound"
        case .inbound: "inbound"
        case .dns: "dns"
        case .unknown: "unknown"
        }
    }

    fileprivate var words: String {
        switch self {
        case .outbound: "the proxy's outbound port"
        case .inbound: "the proxy's inbound port"
        case .dns: "the proxy's DNS port"
        case .unknown: "not a port of the proxy"
        }
    }
}
