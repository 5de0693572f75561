import ArgumentParser

struct ExportCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write files that load the rules after a reboot.",
        subcommands: [
            ExportNftablesCommand.self, ExportSystemdCommand.self, ExportFirewalldCommand.self,
        ])
}
