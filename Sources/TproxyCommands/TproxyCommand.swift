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
        version: tproxyVersion,
        groupedSubcommands: [
            CommandGroup(
                name: "Inspect",
                subcommands: [
                    PlanCommand.self, DiffCommand.self, PreflightCommand.self,
                    ExplainCommand.self, FactsCommand.self, ConfigCommand.self,
                ]),
            CommandGroup(
                name: "Change",
                subcommands: [
                    ApplyCommand<ApplyMessages>.self, StatusCommand.self,
                    RemoveCommand<RemoveMessages>.self,
                    ExportCommand.self, InstallCommand.self, UninstallCommand.self,
                ]),
            CommandGroup(name: "Test", subcommands: [RehearseCommand.self]),
            CommandGroup(name: "Kubernetes", subcommands: [KubeCommand.self]),
        ])

    package init() {}

    /// Runs the program and ends it: 0 done, 1 failed, 2 differs, 64 usage.
    package static func runProgram(_ arguments: [String]) -> Never {
        ProgramExit.guardAgainstLibraries()
        let code = outcome(of: arguments)
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
            } else {
                let words = ConfigurationSources.separatingToggleValues(arguments)
                var command = try shortcut(words) ?? parseAsRoot(words)
                try command.run()
            }
            return .success
        } catch let failure as OperationFailure {
            Console.report(failure.diagnostics)
            return .failure
        } catch let missing as NoCommand {
            Console.note("Error: no command is named\n" + helpMessage(for: missing.family))
            return .validationFailure
        } catch {
            // The parser's message repeats the arguments, so it is written through `Console`.
            let message = fullMessage(for: error)
            let code = exitCode(for: error)
            if !message.isEmpty {
                if code.isSuccess { Console.result(message) } else { Console.note(message) }
            }
            return code
        }
    }

    /// Returns the request of a frequent command if its arguments are plain; otherwise nil.
    static func plainRequest(_ arguments: [String]) -> (any PlainRequest)? {
        let words = arguments.dropFirst()
        return switch arguments.first {
        case "apply": ApplyRequest.plain(words)
        case "status": StatusRequest.plain(words)
        case "remove": RemoveRequest.plain(words)
        case "install" where words.first == "transparent-proxy":
            ApplyRequest.plain(words.dropFirst())
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
