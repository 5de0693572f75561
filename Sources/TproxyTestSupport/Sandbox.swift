import Foundation
import Subprocess

/// A network namespace of a test's own: an interface `lo`, and no rules.
package struct Sandbox: Sendable {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    private let holder: String

    /// Runs `body` with a new namespace, which goes away with the process that holds it.
    package static func with(_ body: (Sandbox) async throws -> Void) async throws {
        try PrivateNamespace.require()
        _ = try await Subprocess.run(
            .name("unshare"),
            arguments: ["--net", "sh", "-c", "ip link set lo up && echo ready; exec sleep 600"],
            input: .none, output: .sequence, error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .kill) }
            // The line says that the namespace is there.
            for try await line in execution.standardOutput.strings() {
                guard line == "ready" else { break }
                try await body(
                    Sandbox(holder: "/proc/\(execution.processIdentifier.value)/ns/net"))
                return
            }
            throw Failed(description: "can't make a network namespace")
        }
    }

    /// Runs a program in the namespace.
    package func run(
        _ program: String, _ arguments: [String] = [], environment: [String: String] = [:],
        input: String = "", in directory: String? = nil
    ) async throws -> Command.Outcome {
        try await Command.run(
            "nsenter", ["--net=\(holder)", program] + arguments, environment: environment,
            input: input, in: directory)
    }

    /// Runs a shell command that must succeed; its output.
    @discardableResult
    package func shell(_ command: String, in directory: String? = nil) async throws -> String {
        let outcome = try await run("sh", ["-c", command], in: directory)
        guard outcome.status == 0 else {
            throw Failed(description: "'\(command)' exited \(outcome.status): \(outcome.errors)")
        }
        return outcome.output
    }

    /// Runs the program under test.
    package func tproxy(
        _ arguments: [String], environment: [String: String] = [:], input: String = "",
        in directory: String? = nil
    ) async throws -> Command.Outcome {
        try await run(
            Command.tproxy, arguments, environment: environment, input: input, in: directory)
    }

    /// What an admin would look at: rules of every kind, addresses and policy rules.
    package func state() async throws -> String {
        try await shell("nft list ruleset; ip addr show lo; ip rule; ip -6 rule")
    }
}
