import ArgumentParser

/// The help of a command: its own options first, then the names of those that Kuma's tool has.
struct HelpText {
    /// The maximum number of columns.
    static let width = 100
    /// The column of the descriptions.
    private static let indent = 28

    private let path: CommandPath
    private let options: [CommandOption]

    init(_ path: CommandPath) {
        self.path = path
        let shown = CommandOption.all(of: path.command).filter { !$0.isHidden }
        options =
            shown.filter { $0.rank == 0 } + shown.filter { $0.rank == 1 }
            + shown.filter { $0.rank == 2 }
    }

    /// The command, its options and its subcommands.
    var report: ReportText {
        let configuration = path.command.configuration
        var report = ReportText()
        report.add([Span("OVERVIEW: ", .heading), Span(configuration.abstract)])
        if !configuration.discussion.isEmpty {
            for line in configuration.discussion.split(
                separator: "\n", omittingEmptySubsequences: false)
            {
                report.add(String(line))
            }
        }
        report.addBlankLine()
        let rest = configuration.subcommands.isEmpty ? "[<options>]" : "<command>"
        report.add([Span("USAGE: ", .heading), Span("\(path.text) \(rest)")])
        addCommands(configuration, to: &report)
        let own = options.filter { !$0.isKumas }
        for section in Self.sections(own) { add(own, of: section, to: &report) }
        addKumasNames(to: &report)
        if !configuration.subcommands.isEmpty {
            report.addBlankLine()
            report.add(
                "'tproxy help \(path.words.dropFirst().map { "\($0) " }.joined())<command>'"
                    + " describes a command.")
        }
        return report
    }

    /// The options that Kuma's tool has as well; nil if the command has none.
    var kumasReport: ReportText? {
        let kumas = options.filter(\.isKumas)
        guard !kumas.isEmpty else { return nil }
        var report = ReportText()
        report.add([Span("OVERVIEW: ", .heading), Span("The options that Kuma's tool has, too.")])
        report.add(
            "docs/configuration.md has the key, the variable and the default of each. An option that"
                + " takes true or false means true without a value.")
        for section in Self.sections(kumas) { add(kumas, of: section, to: &report) }
        return report
    }

    /// The titles of the options' sections, that of the command's own first.
    private static func sections(_ options: [CommandOption]) -> [String?] {
        var titles: [String?] = [nil]
        for option in options where !titles.contains(option.group) {
            titles.append(option.group)
        }
        return titles
    }

    private func add(
        _ options: [CommandOption], of section: String?, to report: inout ReportText
    ) {
        let options = options.filter { $0.group == section }
        guard !options.isEmpty else { return }
        report.addBlankLine()
        report.add("\((section ?? "options").uppercased()):", .heading)
        for option in options { Self.add(option.label, option.text, to: &report) }
    }

    private func addCommands(
        _ configuration: CommandConfiguration, to report: inout ReportText
    ) {
        let groups =
            [CommandGroup(name: "", subcommands: configuration.ungroupedSubcommands)]
            + configuration.groupedSubcommands
        for group in groups where !group.subcommands.isEmpty {
            report.addBlankLine()
            let title = group.name.isEmpty ? "commands" : "\(group.name) commands"
            report.add("\(title.uppercased()):", .heading)
            for command in group.subcommands {
                Self.add(command._commandName, command.configuration.abstract, to: &report)
            }
        }
    }

    private func addKumasNames(to report: inout ReportText) {
        let names = options.filter(\.isKumas).map(\.name)
        guard !names.isEmpty else { return }
        report.addBlankLine()
        report.add("KUMA'S OPTIONS:", .heading)
        report.add("  " + names.joined(separator: ", "))
        report.add("  '\(path.text) --help-kuma' describes them.")
    }

    private static func add(_ label: String, _ text: String, to report: inout ReportText) {
        let label = "  " + label
        if label.count + 2 > indent {
            report.add(label)
            report.add(String(repeating: " ", count: indent) + text, hanging: indent)
        } else {
            report.add(
                label + String(repeating: " ", count: indent - label.count) + text,
                hanging: indent)
        }
    }
}
