package import ArgumentParser
import FaultPoints
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
            if let faultComplaint { throw ValidationError(faultComplaint) }
            var command = try parseAsRoot()
            try command.run()
            if let loss = Console.loss { throw CommandFailure(.resultLost(loss)) }
            exit(withError: nil)
        } catch let failure as CommandFailure {
            Console.report(failure.diagnostics)
            exit(withError: ExitCode.failure)
        } catch {
            exit(withError: error)
        }
    }
}
