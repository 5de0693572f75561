import ArgumentParser
import Diagnostics
import TproxyOperations

/// The command that the first words of a command line name.
struct CommandPath {
    /// Such as `tproxy export systemd`.
    let words: [String]
    let command: any ParsableCommand.Type
    /// Whether the command line asks for the help of the command instead of a run.
    let asksForHelp: Bool
    /// Whether it asks for the options that Kuma has as well (`--help-kuma`).
    let asksForKuma: Bool

    var text: String { words.joined(separator: " ") }

    private init(
        _ words: [String], _ command: any ParsableCommand.Type, isHelp: Bool, _ rest: [String]
    ) {
        self.words = words
        self.command = command
        let options = rest.prefix { $0 != "--" }
        asksForHelp = isHelp || options.contains { $0 == "--help" || $0 == "-h" }
        asksForKuma = options.contains("--help-kuma")
    }

    /// Finds the command; throws if a word stands where a command must be and names none.
    static func named(by arguments: [String]) throws(OperationFailure) -> CommandPath {
        var rest = arguments[...]
        let isHelp = rest.first == "help"
        if isHelp { rest.removeFirst() }
        var words = ["tproxy"]
        var command: any ParsableCommand.Type = TproxyCommand.self
        while let word = rest.first, !word.hasPrefix("-") {
            let below = command.configuration.subcommands
            if let next = below.first(where: { $0._commandName == word }) {
                words.append(word)
                command = next
                rest.removeFirst()
            } else if isHelp && word == "help" || below.isEmpty && !isHelp {
                // 'tproxy help help' is the help of tproxy; a command without others takes the rest.
                break
            } else {
                let known = below.map { $0._commandName } + (words.count == 1 ? ["help"] : [])
                throw OperationFailure(
                    .unknownCommand(word, after: words.joined(separator: " "), known: known))
            }
        }
        return CommandPath(words, command, isHelp: isHelp, Array(rest))
    }
}
