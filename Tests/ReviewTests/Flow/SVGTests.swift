import RuleCompiler
import RuleIR
import Testing
import TproxyTestSupport

@testable import Review

/// The SVG diagram is well-formed, and nothing in it overlaps.
@Suite struct SVGTests {
    private func isWellFormed(_ text: String) async throws -> Bool {
        let outcome = try await Command.run("xmllint", ["--noout", "--nonet", "-"], input: text)
        return outcome.status == 0 && outcome.errors.isEmpty
    }

    @Test(arguments: Scenario.all)
    func documentIsWellFormedAndFetchesNothing(scenario: Scenario) async throws {
        let flow = try PacketFlow(try scenario.compile().ruleset, segmentOffset: 1)
        let text = SVGText(flow).document
        #expect(try await isWellFormed(text))
        #expect(text.contains("role=\"img\" aria-labelledby=\"flow-title flow-desc\""))
        #expect(text.contains("prefers-color-scheme: dark"))
        // Nothing is fetched: the only address is that of the XML namespace.
        #expect(text.matches(of: /https?:/).count == 1)
    }

    @Test(arguments: HostileLabel.all)
    func hostileLabelAddsNoElement(label: String) async throws {
        let text = SVGText(try HostileLabel.flow(with: label)).document
        #expect(try await isWellFormed(text))
        #expect(!text.contains("<script"))
        let elements = Set(text.matches(of: /<([A-Za-z!?][^ \/>]*)/).map { String($0.1) })
        #expect(
            elements.subtracting(["svg", "title", "desc", "style", "rect", "text", "g"])
                == ["path", "circle"])
    }

    @Test(arguments: Scenario.all)
    func boxesAndRailsDontOverlap(scenario: Scenario) throws {
        let flow = try PacketFlow(try scenario.compile().ruleset, segmentOffset: 1)
        for lane in flow.lanes {
            for shape in NodeBox.Shape.allCases {
                try check(LaneLayout(lane, shape))
                try check(LaneLayout(lane.withBypassesFolded, shape))
            }
        }
    }

    @Test(arguments: HostileLabel.all + [String(repeating: "w", count: 200), ""])
    func longTextsStayInsideTheirBoxes(label: String) throws {
        let flow = try HostileLabel.flow(with: label)
        for lane in flow.lanes {
            for shape in NodeBox.Shape.allCases {
                try check(LaneLayout(lane, shape))
                try check(LaneLayout(lane.withBypassesFolded, shape))
            }
        }
    }

    private func check(_ layout: LaneLayout) throws {
        for (above, below) in zip(layout.boxes, layout.boxes.dropFirst()) {
            #expect(above.bottom < below.top)
        }
        for box in layout.boxes {
            var last: NodeBox.Line?
            for line in box.content.lines {
                let width = TextWidth.of(line.text, size: line.role.size, isBold: line.role.isBold)
                #expect(line.x >= 0 && line.x + width <= layout.boxWidth, "\(line.text)")
                // The number of a rule and its target are beside its first line.
                if let last, last.y == line.y {
                    #expect([.number, .onward].contains(last.role), "\(line.text)")
                    let others = box.content.lines.filter { $0.y == line.y && $0.x != line.x }
                    for other in others where other.x > line.x {
                        #expect(line.x + width <= other.x, "\(line.text) \(other.text)")
                    }
                } else if let last {
                    #expect(line.y >= last.y + line.role.size)
                }
                #expect(line.y + 4 <= box.content.height)
                last = line
            }
        }
        for rail in layout.rails {
            #expect(rail.x > layout.boxWidth)
            #expect(rail.x < layout.width)
            #expect(rail.joins.allSatisfy { $0 < rail.end })
        }
        for (index, rail) in layout.rails.enumerated() {
            for other in layout.rails[(index + 1)...] where other.x == rail.x {
                #expect(rail.end < other.joins[0] || other.end < rail.joins[0])
            }
        }
    }
}
