import Foundation
import Testing
import TproxyTestSupport

/// The commands in the documents print the output that is shown there.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ReadmeTests {
    private struct Step {
        var command: String
        var output: [String] = []
    }

    private static func steps(_ document: String) throws -> [Step] {
        let file = Scenario.root.appendingPathComponent(document)
        let text = try String(contentsOf: file, encoding: .utf8)
        var steps: [Step] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                steps.append(Step(command: String(line.dropFirst(2))))
            } else if isInside, !steps.isEmpty {
                steps[steps.count - 1].output.append(String(line))
            }
        }
        return steps
    }

    /// Whether a line matches the shown one, where `…` stands for any text.
    private static func isShown(_ shown: String, _ line: String) -> Bool {
        var rest = line[...]
        let parts = shown.components(separatedBy: "…")
        guard parts.count > 1, let last = parts.last else { return shown == line }
        for (number, part) in parts.dropLast().enumerated() where !part.isEmpty {
            guard let found = rest.range(of: part),
                number > 0 || found.lowerBound == rest.startIndex
            else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(last)
    }

    /// Whether the lines match the shown ones, where a line `…` stands for any number of lines.
    private static func isShown(_ shown: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
        guard let first = shown.first else { return lines.isEmpty }
        if first == "…" {
            return (lines.startIndex...lines.endIndex).contains {
                isShown(shown.dropFirst(), lines[$0...])
            }
        }
        guard let line = lines.first, isShown(first, line) else { return false }
        return isShown(shown.dropFirst(), lines.dropFirst())
    }

    @Test(arguments: [
        ("README.md", 6), ("docs/explain.md", 5), ("docs/assert.md", 3), ("docs/review.md", 10),
    ])
    func documentedCommandsPrintTheShownOutput(document: String, steps count: Int) async throws {
        let steps = try Self.steps(document)
        try #require(steps.count >= count)
        try await Sandbox.with { sandbox in
            // The documents show a host with IPv6.
            try await sandbox.shell(
                """
                ip link add eth0 type veth peer name peer0
                ip address add 192.0.2.10/24 dev eth0
                ip -6 address add 2001:db8::10/64 dev eth0 nodad
                ip link set eth0 up; ip link set peer0 up
                """)
            let folder = URL(fileURLWithPath: Command.tproxy).deletingLastPathComponent().path
            for step in steps {
                let command = step.command.replacing("sudo ", with: "")
                let outcome = try await sandbox.run(
                    "sh", ["-c", "PATH=\(folder):$PATH; { \(command); } 2>&1"],
                    in: Scenario.root.path)
                var lines = outcome.output.split(
                    separator: "\n", omittingEmptySubsequences: false
                ).map(String.init)
                if lines.last == "" { lines.removeLast() }
                #expect(
                    Self.isShown(step.output[...], lines[...]),
                    "\(step.command)\n\(outcome.output)")
            }
        }
    }
}
