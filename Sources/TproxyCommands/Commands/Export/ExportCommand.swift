import ArgumentParser

struct ExportCommand: CommandFamily {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write what brings the rules back after a reboot.",
        subcommands: [
            ExportNftablesCommand.self, ExportSystemdCommand.self, ExportFirewalldCommand.self,
        ])
}
