import Foundation
import RuleCompiler
import RuleIR
import Testing
import TproxyTestSupport

@testable import Review

/// The DOT text, drawn by the real graphviz.
@Suite struct DotTests {
    private func drawing(_ flow: PacketFlow) async throws -> String {
        let outcome = try await Command.run("dot", ["-Tsvg"], input: DotText(flow).text)
        #expect(outcome.status == 0)
        // A missing font is no fault of the text.
        let faults = outcome.errors.split(separator: "\n").filter { !$0.contains("ontconfig") }
        #expect(faults.isEmpty, "\(faults)")
        return outcome.output
    }

    private func count(_ kind: String, in drawing: String) -> Int {
        drawing.components(separatedBy: "class=\"\(kind)\"").count - 1
    }

    @Test(arguments: Scenario.all)
    func graphvizDrawsEveryNodeAndEdge(scenario: Scenario) async throws {
        let flow = try PacketFlow(try scenario.compile().ruleset, segmentOffset: 1)
        let drawing = try await drawing(flow)
        #expect(count("node", in: drawing) == flow.lanes.flatMap(\.nodes).count)
        #expect(count("edge", in: drawing) == flow.lanes.flatMap(\.edges).count)
        #expect(count("cluster", in: drawing) == 2)
    }

    @Test(arguments: HostileLabel.all)
    func hostileLabelAddsNothingToTheDrawing(label: String) async throws {
        let harmless = try await drawing(try HostileLabel.flow(with: "a"))
        let drawing = try await drawing(try HostileLabel.flow(with: label))
        for kind in ["node", "edge", "cluster"] {
            #expect(count(kind, in: drawing) == count(kind, in: harmless))
        }
        #expect(!drawing.contains("<script"))
    }
}
