import ArgumentParser
import Diagnostics

/// An error that ArgumentParser or a check of options found, in the form of all other errors.
///
/// ArgumentParser has no public type for its errors, only their texts. Texts that it changes one
/// day are printed as they are.
struct UsageError {
    private let path: CommandPath
    private let message: String

    init(_ error: any Error, _ path: CommandPath) {
        self.path = path
        message = TproxyCommand.message(for: error)
    }

    var diagnostic: Diagnostic {
        let quoted = Self.quoted(message)
        if message.hasPrefix("Unknown option '"), let name = quoted.first {
            return .unknownOption(
                name, of: path.text,
                known: options.filter { !$0.isHidden }.flatMap(\.names))
        }
        if message.hasPrefix("Missing value for '"), let option = quoted.first.map(Self.name) {
            return .missingValue(option, of: path.text, values: values(of: option))
        }
        if message.hasPrefix("The value '"), quoted.count >= 2 {
            let option = Self.name(of: quoted[1])
            return .invalidValue(
                quoted[0], for: option, of: path.text, values: values(of: option))
        }
        if message.hasPrefix("The option '"), quoted.count == 2 {
            return .usage("\(quoted[0]) takes no value, and '\(quoted[1])' is given", of: path.text)
        }
        return .usage(Self.inOurStyle(message), of: path.text)
    }

    private var options: [CommandOption] { CommandOption.all(of: path.command) }

    private func values(of option: String) -> [String] {
        options.first { $0.names.contains(option) }?.values ?? []
    }

    /// Returns `--output` of `--output <output>`.
    private static func name(of synopsis: String) -> String {
        String(synopsis.prefix { $0 != " " })
    }

    /// Returns the parts of the text in single quotes.
    private static func quoted(_ text: String) -> [String] {
        let parts = text.split(separator: "'", omittingEmptySubsequences: false)
        return parts.indices.filter { !$0.isMultiple(of: 2) }.map { String(parts[$0]) }
    }

    /// Returns a sentence in lower case and without a full stop.
    private static func inOurStyle(_ message: String) -> String {
        let sentence = message.last == "." ? message.dropLast() : message[...]
        guard let first = sentence.first, let second = sentence.dropFirst().first,
            first.isUppercase, second.isLowercase || second == " "
        else { return String(sentence) }
        return first.lowercased() + sentence.dropFirst()
    }
}
