import Foundation
import Subprocess
import SystemPackage

/// A program that a test runs to its end.
package enum Command {
    package struct Outcome: Sendable {
        /// The exit status; 128 plus the number of the signal that ended it, as in a shell.
        package var status: Int32
        package var output: String
        package var errors: String
    }

    /// More than any test prints.
    private static let outputLimit = 64 << 20

    /// The binary under test: built beside the tests.
    package static var tproxy: String {
        Scenario.root.appendingPathComponent(".build/debug/tproxy").path
    }

    /// The CNI plugin under test.
    package static var plugin: String {
        Scenario.root.appendingPathComponent(".build/debug/tproxy-cni").path
    }

    /// Runs a program, in `directory` if given; `input` is its standard input.
    ///
    /// Configuration variables of the environment are removed.
    package static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        input: String = "", in directory: String? = nil
    ) async throws -> Outcome {
        var changes: [Environment.Key: String?] = [:]
        for name in ProcessInfo.processInfo.environment.keys
        where name.hasPrefix("KUMA_TRANSPARENT_PROXY_") {
            if let key = Environment.Key(rawValue: name) { changes[key] = .some(nil) }
        }
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { changes[key] = value }
        }
        let result = try await Subprocess.run(
            program.contains("/") ? .path(FilePath(program)) : .name(program),
            arguments: Arguments(arguments), environment: .inherit.updating(changes),
            workingDirectory: directory.map { FilePath($0) },
            input: .fileDescriptor(try file(holding: input), closeAfterSpawningProcess: true),
            output: .string(limit: outputLimit), error: .string(limit: outputLimit))
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): 128 + signal
            }
        return Outcome(
            status: status, output: result.standardOutput, errors: result.standardError)
    }

    /// An unlinked file instead of a pipe: a program that doesn't read its input to the end would
    /// end this process (SIGPIPE).
    private static func file(holding text: String) throws -> FileDescriptor {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-input-\(UUID().uuidString)")
        try Data(text.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        return try FileDescriptor.open(path.path, .readOnly)
    }

    package static func tproxy(
        _ arguments: [String], environment: [String: String] = [:], input: String = "",
        in directory: String? = nil
    ) async throws -> Outcome {
        try await run(tproxy, arguments, environment: environment, input: input, in: directory)
    }
}
