import Addressing
import RuleCompiler
import RuleIR
import TproxyTestSupport

@testable import Review

/// Texts that look like syntax, for every label of a diagram.
enum HostileLabel {
    static let all = [
        "\"] --> evil[\"", "| --> evil", "end", "%% comment", "<script>alert(1)</script>",
        "</text><script>alert(1)</script>", "&lt;b&gt;", "#quot;", "#lt;b#gt;", "`code`",
        "\\\" evil=\"1", "\\N \\G", "a\nb -> c", "];subgraph x", "<br/>", "1. list", "- item",
        "{a|b}", "click x href \"javascript:alert(1)\"", "]]>", "\u{2028}", "\u{1}\u{7F}",
        "--><!--", "'; DROP", "${x}", "\u{202E}abc", "*b* _i_",
    ]

    /// The flow of the default rules with `text` as every label.
    static func flow(with text: String) throws -> PacketFlow {
        var flow = try PacketFlow(
            try Configuration.compile("").ruleset, segmentOffset: 1)
        flow.name = text
        flow.families = text
        for lane in flow.lanes.indices {
            for node in flow.lanes[lane].nodes.indices {
                for row in flow.lanes[lane].nodes[node].rows.indices {
                    flow.lanes[lane].nodes[node].rows[row].condition = text
                    flow.lanes[lane].nodes[node].rows[row].effect = text
                    flow.lanes[lane].nodes[node].rows[row].action = text
                    flow.lanes[lane].nodes[node].rows[row].rationale = Rationale(text, key: text)
                }
            }
        }
        return flow
    }
}
