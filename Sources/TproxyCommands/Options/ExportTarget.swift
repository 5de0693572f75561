import ArgumentParser
import Diagnostics
import LinuxHost
import TproxyOperations

/// Where an export is written, or which one is removed.
struct ExportTarget: ParsableArguments {
    enum Action {
        case print
        case write(ExportedFile)
        case remove(ExportedFile)
    }

    @Option(
        help: ArgumentHelp(
            "Write this file; - prints it.", discussion: "Without it, the host's usual place.",
            valueName: "file"), completion: .file())
    var output: String?

    @Flag(help: "Remove the written file and nothing else; needs no configuration.")
    var remove = false

    @Flag(help: "Replace the file even if tproxy didn't write it or it was edited.")
    var force = false

    func validate() throws {
        guard !force || !remove else {
            throw ValidationError("--force is for writing; --remove deletes only tproxy's file")
        }
        guard !force || output != "-" else {
            throw ValidationError("--force is for a file; --output - prints")
        }
    }

    /// Returns the requested action; throws if `--remove` is combined with `--output -`.
    func action(defaultPath: String) throws(OperationFailure) -> Action {
        guard output != "-" else {
            guard !remove else {
                throw OperationFailure(
                    .invalidArgument("--output", "-", expected: "the file to remove"))
            }
            return .print
        }
        let file = ExportedFile(
            path: output ?? defaultPath, isDefault: output == nil, isForced: force)
        return remove ? .remove(file) : .write(file)
    }
}

extension ExportedFile {
    /// Reports the change of the file.
    func report(_ outcome: HostFile.Outcome) {
        switch outcome {
        case .created, .deleted: Console.result("wrote \(VisibleText.of(path))")
        case .replaced: Console.result("replaced \(VisibleText.of(path))")
        case .unchanged: Console.result("unchanged: \(VisibleText.of(path))")
        }
    }

    /// Reports whether the file was removed.
    func reportRemoval(_ outcome: HostFile.Outcome) {
        Console.result(
            outcome == .deleted ? "removed \(VisibleText.of(path))" : "nothing to remove")
    }
}
