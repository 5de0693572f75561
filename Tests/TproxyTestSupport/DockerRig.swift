import Foundation

/// A real dockerd in new namespaces, with a user-defined network and an external name server.
///
/// Everything ends with the first process of the namespaces, except for control groups, which no
/// namespace owns.
package struct DockerRig: Sendable {
    /// The iptables that dockerd calls.
    package enum Flavour: String, Sendable, CaseIterable {
        case nft
        case legacy
    }

    /// The host of dockerd.
    package let host: Sandbox
    /// The address of the container with the names `one`, `two` and `three`.
    package let peer: String

    package static func with(
        _ flavour: Flavour, _ body: (DockerRig) async throws -> Void
    ) async throws {
        let cgroup = "/tproxy-test-\(UUID().uuidString)"
        let outcome: Result<Void, any Error>
        do {
            try await Sandbox.with(.machine, setUp: DockerScript.setUp) { host in
                let peer = try await host.shell(
                    DockerScript.start(flavour: flavour.rawValue, cgroup: cgroup))
                try await body(
                    DockerRig(
                        host: host, peer: peer.trimmingCharacters(in: .whitespacesAndNewlines))
                )
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        let cleaning = try await Command.run("sh", ["-c", DockerScript.removeGroups(cgroup)])
        try outcome.get()
        guard cleaning.status == 0 else { throw Sandbox.Failed(description: cleaning.errors) }
    }

    /// Runs `body` with a new container on the network, and a proxy in its network namespace.
    ///
    /// A new container has neither sockets nor conntrack entries of earlier queries.
    package func withContainer(
        _ name: String, _ body: (DockerContainer) async throws -> Void
    ) async throws {
        let numbers = try await host.shell(DockerScript.run(name)).split { $0.isWhitespace }
        guard numbers.count == 2 else { throw Sandbox.Failed(description: "no container \(name)") }
        try await body(
            DockerContainer(host: host, name: name, process: String(numbers[0])))
        try await host.shell(DockerScript.end(name, proxy: String(numbers[1])))
    }

    /// Starts a container on the default network with these published ports.
    package func publish(
        _ ports: [String]
    ) async throws -> (process: String, address: String) {
        let words = try await host.shell(DockerScript.publish(ports)).split { $0.isWhitespace }
        guard words.count == 2 else { throw Sandbox.Failed(description: "no container") }
        return (String(words[0]), String(words[1]))
    }

    /// The names of the queries that reached the external name server.
    package func externalQueries() async throws -> [String] {
        try await host.shell("cat /run/log/server").split(separator: "\n").map(String.init)
    }
}

/// A container, and a proxy of UID 5678 that answers `*.mesh` with 240.0.0.7.
package struct DockerContainer: Sendable {
    let host: Sandbox
    package let name: String
    /// The process ID of its first process on the host.
    let process: String

    /// Its resolv.conf, as a path of the host.
    package var resolvConf: String { "/proc/\(process)/root/etc/resolv.conf" }

    private var entry: [String] { ["--net", "--target", process] }

    /// Runs the program under test on the host, in the container's network namespace.
    package func tproxy(
        _ arguments: [String], configuration: String
    ) async throws -> Command.Outcome {
        let settings = "{kumaDPUser: \"5678\", ipFamilyMode: ipv4, \(configuration)}"
        return try await host.run(
            "nsenter", entry + [Command.tproxy] + arguments + ["--config", "-"], input: settings)
    }

    /// Runs a shell command in its network namespace; returns its output.
    package func shell(_ command: String) async throws -> String {
        let outcome = try await host.run("nsenter", entry + ["sh", "-c", command])
        guard outcome.status == 0 else { throw Sandbox.Failed(description: outcome.errors) }
        return outcome.output
    }

    /// The address that a program of `user` finds for each name.
    package func addresses(
        of names: [String], as user: Int, overTCP: Bool = false
    ) async throws -> [String: String] {
        let command = asking(user, overTCP: overTCP)
        let output = try await shell("\(command) \(names.joined(separator: " "))")
        return Dictionary(
            output.split(separator: "\n").map { line in
                let words = line.split(separator: " ").map(String.init)
                return (words[0], words[1])
            }, uniquingKeysWith: { first, _ in first })
    }

    /// Sends a query and doesn't wait for its answer.
    package func startAsking(_ name: String, as user: Int) async throws {
        _ = try await shell("\(asking(user)) \(name) < /dev/null > /dev/null 2>&1 &")
    }

    private func asking(_ user: Int, overTCP: Bool = false) -> String {
        "setpriv --reuid \(user) --clear-groups /usr/bin/python3 /run/names.py "
            + (overTCP ? "ask-tcp" : "ask")
    }

    /// The names of the queries that reached the proxy.
    package func proxiedQueries() async throws -> [String] {
        try await host.shell("cat /run/log/\(name)").split(separator: "\n").map(String.init)
    }
}
