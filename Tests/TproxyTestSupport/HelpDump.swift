import Foundation

/// The commands and flags that ArgumentParser prints for `--experimental-dump-help`.
package struct HelpDump: Decodable {
    package struct Command: Decodable {
        package struct Argument: Decodable {
            struct Name: Decodable {
                var kind: String
                var name: String
            }
            var names: [Name]?
            package var isRepeating: Bool
            /// Whether `--help` has it.
            package var shouldDisplay: Bool

            /// The argument's names with two dashes, such as `--output`; none if it is positional.
            package var flags: [String] {
                (names ?? []).filter { $0.kind == "long" }.map { "--\($0.name)" }
            }
        }
        var commandName: String
        var arguments: [Argument]?
        var subcommands: [Command]?

        /// Returns this command and those below it, by their words, such as `tproxy export systemd`.
        func all(below parents: [String] = []) -> [(path: [String], arguments: [Argument])] {
            let path = parents + [commandName]
            return [(path, arguments ?? [])] + (subcommands ?? []).flatMap { $0.all(below: path) }
        }
    }

    private var command: Command

    /// Every command by its words without `tproxy`, with its arguments.
    package var commands: [(name: String, arguments: [Command.Argument])] {
        command.all().map { ($0.path.dropFirst().joined(separator: " "), $0.arguments) }
    }

    /// Asks the program under test.
    package static func read() async throws -> HelpDump {
        let outcome = try await TproxyTestSupport.Command.tproxy(["--experimental-dump-help"])
        return try JSONDecoder().decode(HelpDump.self, from: Data(outcome.output.utf8))
    }
}
