package import ArgumentParser
import Foundation

/// The root of the command line.
package struct TproxyCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tproxy",
        abstract: "Send a service's traffic through its proxy: Kuma's rules, natively in nftables.",
        version: tproxyVersion,
        groupedSubcommands: [
            CommandGroup(
                name: "Understand",
                subcommands: [
                    PlanCommand.self, DiffCommand.self, PreflightCommand.self,
                    ExplainCommand.self, FactsCommand.self, ConfigCommand.self,
                ]),
            CommandGroup(
                name: "Install",
                subcommands: [
                    ApplyCommand<ApplyWords>.self, StatusCommand.self,
                    RemoveCommand<RemoveWords>.self,
                    ExportCommand.self, InstallCommand.self, UninstallCommand.self,
                ]),
            CommandGroup(name: "Try", subcommands: [RehearseCommand.self]),
        ])

    package init() {}

    /// Runs the program: 0 done, 1 failed, 2 differs, 64 usage.
    package static func runProgram() -> Never {
        do {
            var command = try parseAsRoot()
            try command.run()
            exit(withError: nil)
        } catch let failure as CommandFailure {
            Console.report(failure.diagnostics)
            exit(withError: ExitCode.failure)
        } catch {
            let code = exitCode(for: error)
            guard !code.isSuccess else { exit(withError: error) }
            // The parser repeats what it was given.
            let message = fullMessage(for: error)
            if !message.isEmpty { Console.note(message) }
            exit(withError: code)
        }
    }
}
