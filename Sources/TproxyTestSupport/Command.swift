import Foundation

/// A program that a test runs.
package struct Command {
    package struct Outcome: Sendable {
        package var status: Int32
        package var output: String
        package var errors: String
    }

    /// The binary built beside the tests.
    package static var tproxy: String {
        let candidates = [
            Bundle.main.bundleURL, URL(fileURLWithPath: CommandLine.arguments[0]),
            Scenario.root.appendingPathComponent(".build/debug/x"),
        ]
        for candidate in candidates {
            for folder in [candidate, candidate.deletingLastPathComponent()] {
                let path = folder.appendingPathComponent("tproxy").path
                var isFolder: ObjCBool = false
                if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder),
                    !isFolder.boolValue
                {
                    return path
                }
            }
        }
        return "tproxy"
    }

    /// Runs a program to its end; stdin is `input`.
    package static func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        input: String = ""
    ) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        var inherited = ProcessInfo.processInfo.environment
        inherited.merge(environment) { _, new in new }
        process.environment = inherited
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files and not pipes: no output is too long for them.
        let files = ["in", "out", "err"].map { folder.appendingPathComponent($0) }
        try Data(input.utf8).write(to: files[0])
        for file in files.dropFirst() { try Data().write(to: file) }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOf: files[1], encoding: .utf8),
            errors: try String(contentsOf: files[2], encoding: .utf8))
    }

    package static func tproxy(
        _ arguments: String..., environment: [String: String] = [:], input: String = ""
    ) throws -> Outcome {
        try run(tproxy, arguments, environment: environment, input: input)
    }
}
