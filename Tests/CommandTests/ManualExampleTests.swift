import Foundation
import Testing
import TproxyTestSupport

/// The examples of the manual pages use commands and options that exist.
@Suite struct ManualExampleTests {
    private struct Example {
        var command: String
        var words: [String]
    }

    /// The lines that run tproxy, each with the command whose page it is on.
    private static func examples() throws -> [Example] {
        let text = try String(
            contentsOf: Scenario.root.appendingPathComponent("docs/manual/examples.txt"),
            encoding: .utf8)
        var command = ""
        var examples: [Example] = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            if !line.hasPrefix(" ") {
                command = String(line)
            } else if line.hasPrefix("    tproxy ") {
                let words = line.split(separator: " ").map(String.init)
                examples.append(Example(command: command, words: Array(words.dropFirst())))
            }
        }
        return examples
    }

    @Test func everyCommandThatDoesSomethingHasAnExample() async throws {
        let names = try await HelpDump.read().commands.map(\.name)
        let leaves = names.filter { name in
            !name.isEmpty && name != "help"
                && !names.contains { $0.hasPrefix(name + " ") }
        }
        let shown = Set(try Self.examples().map(\.command))
        #expect(leaves.filter { !shown.contains($0) } == [])
        #expect(shown.subtracting(leaves) == ["tproxy"])
    }

    @Test func examplesUseOptionsThatTheirCommandHas() async throws {
        let commands = try await HelpDump.read().commands
        for example in try Self.examples() {
            let line = example.words.joined(separator: " ")
            let known = commands.filter { line == $0.name || line.hasPrefix($0.name + " ") }
            let command = try #require(known.max { $0.name.count < $1.name.count }, "\(line)")
            #expect(!command.name.isEmpty, "\(line)")
            let flags = Set(command.arguments.flatMap(\.flags))
            for word in example.words where word.hasPrefix("--") {
                #expect(flags.contains(word), "\(line): \(word)")
            }
        }
    }
}
