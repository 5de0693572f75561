package import ArgumentParser
import FaultPoints
import TproxyOperations

/// The root of the command line.
package struct TproxyCommand: CommandFamily {
    package static let configuration = CommandConfiguration(
        commandName: "tproxy",
        abstract: """
            Redirect a service's traffic to its sidecar proxy, with Kuma's configuration and nftables \
            rules.
            """,
        discussion: ExitStatus.text,
        version: tproxyVersion,
        groupedSubcommands: [
            CommandGroup(
                name: "Inspect",
                subcommands: [
                    PlanCommand.self, DiffCommand.self, PreflightCommand.self,
                    ExplainCommand.self, AssertCommand.self, FactsCommand.self, ConfigCommand.self,
                    DataplaneCommand.self,
                ]),
            CommandGroup(
                name: "Change",
                subcommands: [
                    ApplyCommand<ApplyMessages>.self, ConfirmCommand.self, RollbackCommand.self,
                    StatusCommand.self, RemoveCommand<RemoveMessages>.self,
                    ExportCommand.self, InstallCommand.self, UninstallCommand.self,
                ]),
            CommandGroup(
                name: "Test", subcommands: [ValidateCommand.self, RehearseCommand.self]),
            CommandGroup(name: "Kubernetes", subcommands: [KubeCommand.self]),
        ])

    package init() {}

    /// Runs the program and ends it with one of `ExitStatus`.
    ///
    /// `isKumactl` is whether it was called by that name, as in a container of Kuma.
    package static func runProgram(_ arguments: [String], isKumactl: Bool) -> Never {
        Console.configure(arguments, isInContainer: isKumactl)
        ProgramExit.guardAgainstLibraries(isJSON: ConsoleOptions(arguments).isJSON)
        let code = outcome(of: arguments)
        Console.finish(code.rawValue)
        // Output that could not be printed is a failure, help included.
        if let loss = Console.loss, code.isSuccess {
            Console.report(OperationFailure(.resultLost(loss)).diagnostics)
            ProgramExit.end(ExitCode.failure.rawValue)
        }
        ProgramExit.end(code.rawValue)
    }

    private static func outcome(of arguments: [String]) -> ExitCode {
        do {
            if let faultComplaint { throw ValidationError(faultComplaint) }
            if let request = plainRequest(arguments) {
                try request.run()
                return .success
            }
        } catch {
            return end(error, arguments)
        }
        let path: CommandPath
        do {
            path = try CommandPath.named(by: arguments)
        } catch {
            Console.report(error.diagnostics)
            return .validationFailure
        }
        if path.asksForKuma, let help = HelpText(path).kumasReport {
            Console.help(help)
            return .success
        }
        if path.asksForHelp {
            Console.help(HelpText(path).report)
            return .success
        }
        do {
            let words = ConfigurationSources.separatingToggleValues(arguments)
            var command = try shortcut(words) ?? parseAsRoot(words)
            try command.run()
            return .success
        } catch {
            return end(error, arguments)
        }
    }

    /// Prints the error that ended a run, and returns its exit code.
    private static func end(_ error: any Error, _ arguments: [String]) -> ExitCode {
        switch error {
        case let failure as OperationFailure:
            Console.report(failure.diagnostics)
            return .failure
        case let code as ExitCode: return code
        case _: break
        }
        let code = exitCode(for: error)
        guard !code.isSuccess else {
            // The version, a completion script or a description that was asked for.
            Console.help(fullMessage(for: error))
            return code
        }
        guard code != .failure || error is NoCommand else {
            Console.report([.failed(message(for: error))])
            return code
        }
        do {
            let path = try CommandPath.named(by: arguments)
            if error is NoCommand {
                Console.report([.noCommand(after: path.text)])
                Console.note(HelpText(path).report)
            } else {
                Console.report([UsageError(error, path).diagnostic])
            }
        } catch {
            Console.report(error.diagnostics)
        }
        return .validationFailure
    }

    /// Returns the request of a frequent command if its arguments are plain; otherwise nil.
    static func plainRequest(_ arguments: [String]) -> (any PlainRequest)? {
        let words = arguments.dropFirst()
        return switch arguments.first {
        case "apply": ApplyRequest.plain(words)
        case "status": StatusRequest.plain(words)
        case "remove": RemoveRequest.plain(words)
        case "install" where words.first == "transparent-proxy":
            ApplyRequest.plain(words.dropFirst())?.asKumactls
        case "uninstall" where words.first == "transparent-proxy":
            RemoveRequest.plain(words.dropFirst())
        case _: nil
        }
    }

    /// Returns the command that the first argument names, if its other arguments are valid.
    ///
    /// Parsing from the root would describe the options of every command first, which takes longer
    /// than the work of most commands. The root parses everything else: help, versions, completions
    /// and mistakes.
    static func shortcut(_ arguments: [String]) -> (any ParsableCommand)? {
        let words = arguments.dropFirst()
        return switch arguments.first {
        case "plan": try? PlanCommand.parse(Array(words))
        case "diff": try? DiffCommand.parse(Array(words))
        case "apply": try? ApplyCommand<ApplyMessages>.parse(Array(words))
        case "confirm": try? ConfirmCommand.parse(Array(words))
        case "rollback": try? RollbackCommand.parse(Array(words))
        case "status": try? StatusCommand.parse(Array(words))
        case "remove": try? RemoveCommand<RemoveMessages>.parse(Array(words))
        case "install" where words.first == "transparent-proxy":
            try? ApplyCommand<InstallMessages>.parse(Array(words.dropFirst()))
        case "uninstall" where words.first == "transparent-proxy":
            try? RemoveCommand<UninstallMessages>.parse(Array(words.dropFirst()))
        case _: nil
        }
    }
}
