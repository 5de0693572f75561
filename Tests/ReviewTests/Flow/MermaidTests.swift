import Foundation
import RuleCompiler
import RuleIR
import Testing
import TproxyTestSupport

@testable import Review

/// The part of Mermaid's flowchart grammar that we write; the tests run no mermaid.
@Suite struct MermaidTests {
    private static let label = "\"(?:[A-Za-z0-9 .,:/+'()_@-]|#[0-9]+;|<br/>)*\""
    private static let id = "[a-z]+_[A-Za-z0-9_]+"

    /// The lines that are allowed, in the order of the parts of a chart.
    private static let lines = [
        "flowchart TD",
        "    accTitle: [A-Za-z0-9 .,:/+'()_@-]+",
        "    accDescr: [A-Za-z0-9 .,:/+'()_@-]+",
        "    subgraph (?:output|prerouting) \\[\(label)\\]",
        "        \(id)(?:\\[\(label)\\]|\\(\\[\(label)\\]\\))",
        "    end",
        "    \(id) -->(?:\\|\(label)\\|)? \(id)",
        "    classDef [a-z]+ fill:#[0-9a-f]{6},stroke:#[0-9a-f]{6},color:#[0-9a-f]{6}",
        "    class \(id)(?:,\(id))* [a-z]+",
    ]

    /// The first line that isn't of the grammar.
    private func fault(in text: String) throws -> String? {
        let grammar = try Self.lines.map { try Regex("^\($0)$") }
        guard text.hasPrefix("flowchart TD\n"), text.hasSuffix("\n") else { return text }
        return text.dropLast().split(separator: "\n", omittingEmptySubsequences: false)
            .map(String.init)
            .first { line in !grammar.contains { line.wholeMatch(of: $0) != nil } }
    }

    @Test(arguments: Scenario.all)
    func textIsAMermaidFlowchart(scenario: Scenario) throws {
        let flow = try PacketFlow(try scenario.compile().ruleset, segmentOffset: 1)
        let text = MermaidText(flow).text
        #expect(try fault(in: text) == nil)
        // Arrows and styles name existing nodes.
        let nodes = Set(flow.lanes.flatMap(\.nodes).map(\.id))
        for match in text.matches(of: /(?:output|prerouting)_\w+/) {
            #expect(nodes.contains(String(match.output)), "\(match.output)")
        }
    }

    @Test func grammarRejectsForeignSyntax() throws {
        let flow = try PacketFlow(try Configuration.compile("").ruleset, segmentOffset: 1)
        let text = MermaidText(flow).text
        #expect(try fault(in: text + "    evil --> output_origin\n") != nil)
        #expect(try fault(in: text.replacing("chain OUTBOUND", with: "a\"] --> b[\"")) != nil)
    }

    @Test(arguments: HostileLabel.all)
    func hostileLabelStaysALabel(label: String) throws {
        let harmless = MermaidText(try HostileLabel.flow(with: "a")).text
        let text = MermaidText(try HostileLabel.flow(with: label)).text
        #expect(try fault(in: text) == nil)
        #expect(text.split(separator: "\n").count == harmless.split(separator: "\n").count)
        // Mermaid reads Markdown lists in labels.
        #expect(text.firstMatch(of: /(?:"|<br\/>)(?:\d+[.)]|[-+*])\s/) == nil)
    }

    @Test func hundredThousandElementsMakeASmallDiagram() throws {
        let ports = (0..<100_000).map { "10.\($0 / 65536).\($0 / 256 % 256).\($0 % 256)" }
        let yaml = "redirect: {outbound: {excludePortsForIPs: [\(ports.joined(separator: ", "))]}}"
        let ruleset = try Configuration.compile(yaml).ruleset
        let flow = try PacketFlow(ruleset, segmentOffset: 1)
        #expect(MermaidText(flow).text.utf8.count < 8_000)
        #expect(DotText(flow).text.utf8.count < 8_000)
        #expect(SVGText(flow).document.utf8.count < 30_000)
        #expect(MermaidText(flow).text.contains("99996 more in @outbound_excluded_ipv4"))
    }
}
