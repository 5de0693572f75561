import ArgumentParser
import JSON

/// An option of a command, as ArgumentParser describes it.
struct CommandOption {
    /// With two dashes, such as `--config`; a short name such as `-h` comes first.
    var names: [String]
    /// Nil for a switch.
    var valueName: String?
    var summary: String
    var discussion: String
    /// All values, if there are only certain ones.
    var values: [String]
    var defaultValue: String?
    /// The title of its group; nil for an option of the command itself.
    var section: String?
    var isHidden: Bool

    /// Returns the options of a command in the order of their declaration, also hidden ones.
    static func all(of command: any ParsableCommand.Type) -> [CommandOption] {
        // Only a defect of the description could keep it from being read; help is then shorter.
        let dump = try? JSONValue(parsing: command._dumpHelp())
        return (dump?["command"]?["arguments"]?.array ?? []).compactMap { CommandOption($0) }
    }

    private init?(_ argument: JSONValue) {
        names = (argument["names"]?.array ?? []).compactMap { name in
            guard let text = name["name"]?.string else { return nil }
            return name["kind"]?.string == "short" ? "-\(text)" : "--\(text)"
        }.sorted { $0.utf8.count < $1.utf8.count }
        guard let own = names.last else { return nil }
        let described = argument["valueName"]?.string ?? ""
        // A value without a name of its own has the option's; its last word is enough.
        let short = described.split(separator: "-").last.map(String.init) ?? "value"
        valueName =
            argument["kind"]?.string == "flag"
            ? nil : "--\(described)" == own ? short : described
        summary = argument["abstract"]?.string ?? ""
        discussion = argument["discussion"]?.string ?? ""
        let listed = argument["allValues"] ?? argument["allValueStrings"]
        values = (listed?.array ?? []).compactMap(\.string)
        defaultValue = argument["defaultValue"]?.string
        section = argument["sectionTitle"]?.string
        isHidden = argument["shouldDisplay"] == .bool(false)
    }
}

extension CommandOption {
    /// The name with two dashes.
    var name: String { names.last ?? "" }

    /// Options that most runs need; they come first.
    private static let common = ["--config", "--kuma-dp-user"]
    /// Options of every command; they come last.
    private static let general = ["--quiet", "--color", "--version", "--help"]

    /// The place in help: 0 for common options, 2 for those of every command.
    var rank: Int { Self.common.contains(name) ? 0 : Self.general.contains(name) ? 2 : 1 }

    /// Whether the option is described with those of Kuma's tool.
    var isKumas: Bool {
        ConfigurationOptions.kumasSections.contains(section ?? "") && rank > 0
    }

    /// The section of help that describes the option; nil for the command's own options.
    var group: String? { rank == 1 ? section : nil }

    /// Such as `--config <file>`.
    var label: String {
        let name = names.joined(separator: ", ")
        guard let valueName else { return name }
        return ConfigurationSources.toggles.contains(self.name)
            ? "\(name) [true|false]" : "\(name) <\(valueName)>"
    }

    /// The text beside the label.
    var text: String {
        var parts: [String] = []
        if !values.isEmpty, values != ["true", "false"] {
            parts.append("values: " + values.joined(separator: ", "))
        }
        if let defaultValue, !defaultValue.isEmpty,
            !ConfigurationSources.toggles.contains(name)
        {
            parts.append("default: \(defaultValue)")
        }
        return [summary, parts.isEmpty ? "" : "(\(parts.joined(separator: "; ")))", discussion]
            .filter { !$0.isEmpty }.joined(separator: " ")
    }
}
