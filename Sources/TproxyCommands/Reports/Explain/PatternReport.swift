import RuleTrace

/// The rules that decide about the packets of a pattern.
struct PatternReport: Encodable {
    struct Part: Encodable {
        /// `redirected`, `translated`, `bypassed`, `untouched` or `dropped`.
        var outcome: String
        /// The address and port that they are redirected or translated to.
        var target: String?
        /// The deciding rule; nil if no rule matches the packets.
        var deciding: PacketAnswer.Step?
        /// The disjoint regions of the pattern that have this outcome.
        var regions: [RegionReport]
        /// An example packet, in the form that `--packets` reads.
        var witness: PacketLine.Fields
        /// Rules that may change the outcome for some of the packets.
        var doubts: [PacketAnswer.Step]
    }

    /// The number of regions of a part that are printed.
    private static let shownRegions = 4

    /// `redirected` or `bypassed`.
    var why: String
    /// The pattern as text.
    var pattern: String
    var parts: [Part]
    /// The outcomes of the other packets of the pattern.
    var rest: [String]

    init(
        _ why: QuestionOptions.Why, _ pattern: String, _ answer: PatternAnswer,
        _ words: TraceMessages
    ) {
        self.why = why.rawValue
        self.pattern = pattern
        let asked = answer.parts.filter { why.includes($0.outcome) }
        parts = asked.map { part in
            Part(
                outcome: PacketAnswer.name(of: part.outcome), target: Self.target(part.outcome),
                deciding: part.decisive.map { words.step($0) },
                regions: part.regions.map(RegionReport.init),
                witness: PacketLine.Fields(part.witness), doubts: part.doubts.map { words.step($0) }
            )
        }
        rest = Set(
            answer.parts.filter { !why.includes($0.outcome) }.map {
                PacketAnswer.name(of: $0.outcome)
            }
        ).sorted()
    }

    /// Whether rules that can't be evaluated precede an answer.
    var isInDoubt: Bool { !parts.allSatisfy(\.doubts.isEmpty) }

    var text: ReportText {
        var report = ReportText()
        report.add("question  which packets are \(why): \(pattern)", hanging: 10)
        for (index, part) in parts.enumerated() {
            report.addBlankLine()
            report.add("\(index + 1). " + Self.title(part), .heading, hanging: 3)
            for line in Self.details(part) {
                report.add(line, hanging: 12)
            }
        }
        report.addBlankLine()
        if parts.isEmpty { report.add("none: no rule does that to these packets") }
        let others = rest.isEmpty ? "none" : rest.joined(separator: ", ")
        report.add("all other packets of the pattern: \(others)")
        return report
    }

    private static func target(_ outcome: Explanation.Outcome) -> String? {
        switch outcome {
        case .redirected(let port): "port \(port) of this host"
        case .translated(nil, nil): "another destination, which the listing doesn't show"
        case .translated(let address, let port):
            [address.map { "\($0)" }, port.map { "port \($0)" }].compactMap(\.self)
                .joined(separator: " ")
        case .bypassed, .untouched, .dropped: nil
        }
    }

    private static func title(_ part: Part) -> String {
        guard let rule = part.deciding else { return "untouched: no rule redirects them" }
        return "\(part.outcome): \(rule.reason) (\(rule.place))"
    }

    private static func details(_ part: Part) -> [String] {
        var lines: [String] = []
        if let rule = part.deciding, !rule.key.isEmpty {
            lines.append("   key      \(rule.key)\(rule.origin.map { ", \($0)" } ?? "")")
        }
        if let target = part.target { lines.append("   sent to  \(target)") }
        let shown = part.regions.prefix(shownRegions)
        for (index, region) in shown.enumerated() {
            lines.append((index == 0 ? "   which    " : "   or       ") + region.words)
        }
        if part.regions.count > shown.count {
            lines.append("   or       \(part.regions.count - shown.count) more; see --output json")
        }
        lines.append("   such as  \(part.witness.text)")
        guard !part.doubts.isEmpty else { return lines }
        lines.append("   doubt    wrong for packets that one of these matches:")
        return lines + part.doubts.map { "            \($0.place): \($0.condition): \($0.action)" }
    }
}

extension QuestionOptions.Why {
    fileprivate func includes(_ outcome: Explanation.Outcome) -> Bool {
        switch outcome {
        case .redirected, .translated: self == .redirected
        case .bypassed, .untouched: self == .bypassed
        case .dropped: false
        }
    }
}
