import Foundation
import Subprocess

/// A network namespace for one test: an interface `lo`, and no rules.
package struct Sandbox: Sendable {
    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// The namespaces that a sandbox has.
    enum Isolation {
        case network
        /// Mounts as well, and processes, which end with the sandbox.
        case machine

        fileprivate var flags: [String] {
            switch self {
            case .network: ["--net"]
            case .machine:
                ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
            }
        }

        /// How the holder waits: the first process of a machine must reap orphans, which a shell
        /// does while it waits for its own children.
        fileprivate var wait: String {
            switch self {
            case .network: "exec sleep 600"
            case .machine: "for second in $(seq 600); do sleep 1; done"
            }
        }

        fileprivate func entry(_ holder: pid_t) -> [String] {
            let spaces = "/proc/\(holder)/ns"
            let network = ["nsenter", "--net=\(spaces)/net"]
            return switch self {
            case .network: network
            case .machine:
                network + ["--mount=\(spaces)/mnt", "--pid=\(spaces)/pid_for_children"]
            }
        }
    }

    /// The command before a program that makes it run here.
    private let entry: [String]

    /// The file of the network namespace, for programs outside that enter it themselves.
    package var networkPath: String {
        let option = entry.first { $0.hasPrefix("--net=") } ?? ""
        return String(option.dropFirst("--net=".count))
    }

    /// Runs `body` with a new namespace, which ends with the process that holds it.
    package static func with(_ body: (Sandbox) async throws -> Void) async throws {
        try await with(.network, setUp: "ip link set lo up", body)
    }

    /// Runs `body` with namespaces for mounts and processes as well, in which `setUp` was run
    /// first.
    package static func withMachine(
        setUp: String, _ body: (Sandbox) async throws -> Void
    ) async throws {
        try await with(.machine, setUp: setUp, body)
    }

    /// Runs `body` in new namespaces in which the shell commands `setUp` were run first.
    static func with(
        _ isolation: Isolation, setUp: String, _ body: (Sandbox) async throws -> Void
    ) async throws {
        try PrivateNamespace.require()
        _ = try await Subprocess.run(
            .name("unshare"),
            arguments: Arguments(
                isolation.flags + ["sh", "-ec", "\(setUp)\necho ready\n\(isolation.wait)"]),
            input: .none, output: .sequence, error: .discarded
        ) { execution in
            defer { try? execution.send(signal: .kill) }
            // The line means that the namespace is ready.
            for try await line in execution.standardOutput.strings() {
                guard line == "ready" else { break }
                try await body(
                    Sandbox(entry: isolation.entry(execution.processIdentifier.value)))
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
        // A program that enters other mounts starts at their root.
        let place = directory.map { ["env", "--chdir=\($0)"] } ?? []
        let words = entry + place + [program] + arguments
        return try await Command.run(
            words[0], Array(words.dropFirst()), environment: environment, input: input)
    }

    /// Runs a shell command that must succeed; returns its output.
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

    /// The state of the host: rules of every kind, addresses and policy rules.
    package func state() async throws -> String {
        try await shell("nft list ruleset; ip addr show lo; ip rule; ip -6 rule")
    }
}
