import Foundation

/// A real firewalld on its own D-Bus, in new namespaces.
///
/// `/run` and `/etc/firewalld` are empty there, so it reads and writes none of the machine's files.
/// Everything ends with the first process of the namespaces. The bus has the standard address, so
/// every program finds it.
package struct FirewalldRig: Sendable {
    /// The backend for firewalld's own rules.
    package enum Backend: String, Sendable, CaseIterable {
        case nftables
        case iptables
    }

    package struct Failed: Error, CustomStringConvertible {
        package let description: String
    }

    /// Where firewalld runs; its rules are in this network namespace.
    package let host: Sandbox

    /// Runs `body` beside a firewalld that isn't started yet.
    ///
    /// `settings` are lines of firewalld.conf; everything else has firewalld's default.
    package static func with(
        _ backend: Backend, settings: [String: String] = [:],
        _ body: (FirewalldRig) async throws -> Void
    ) async throws {
        let lines = settings.merging(["FirewallBackend": backend.rawValue]) { given, _ in given }
            .map { "\($0.key)=\($0.value)\n" }.sorted().joined()
        try await Sandbox.with(.machine, setUp: FirewalldScript.setUp(settings: lines)) { host in
            try await body(FirewalldRig(host: host))
        }
    }

    /// Starts it, and waits until it is in the expected state, `running` or `failed`.
    package func start(expecting expected: String = "running") async throws {
        try await host.shell(FirewalldScript.start)
        guard try await state() == expected else {
            throw Failed(description: "not \(expected): \(try await log())")
        }
    }

    /// Ends it as a service manager would.
    package func stop() async throws {
        try await host.shell(FirewalldScript.end("TERM"))
    }

    /// Kills it, so that it can't clean up.
    package func kill() async throws {
        try await host.shell(FirewalldScript.end("KILL"))
    }

    /// `running`, `failed` or `not running`.
    package func state() async throws -> String {
        let outcome = try await firewallCmd("--state")
        return (outcome.output + outcome.errors).trimmingCharacters(in: .newlines)
    }

    package func reload() async throws {
        try await succeed("--reload")
    }

    package func completeReload() async throws {
        try await succeed("--complete-reload")
    }

    package func firewallCmd(_ arguments: String...) async throws -> Command.Outcome {
        try await host.run("firewall-cmd", arguments)
    }

    private func succeed(_ argument: String) async throws {
        let outcome = try await firewallCmd(argument)
        guard outcome.status == 0 else {
            throw Failed(description: "firewall-cmd \(argument): \(outcome.errors)")
        }
    }

    /// Runs shell commands in a copy of /etc/alternatives, which then replaces it here.
    ///
    /// It has the programs that firewalld calls.
    package func changeAlternatives(_ commands: String) async throws {
        try await host.shell(
            """
            mkdir /run/alternatives
            cp -a /etc/alternatives/. /run/alternatives/
            cd /run/alternatives
            \(commands)
            mount --bind /run/alternatives /etc/alternatives
            """)
    }

    /// Writes a file in /etc/firewalld.
    package func write(_ text: String, to name: String = "direct.xml") async throws {
        let outcome = try await host.run("tee", ["/etc/firewalld/\(name)"], input: text)
        guard outcome.status == 0 else { throw Failed(description: outcome.errors) }
    }

    /// The contents of /etc/firewalld/direct.xml; nil if there is none.
    package func directXML() async throws -> String? {
        let outcome = try await host.run("cat", ["/etc/firewalld/direct.xml"])
        return outcome.status == 0 ? outcome.output : nil
    }

    /// What it wrote to its log since it was first started.
    package func log() async throws -> String {
        try await host.shell("cat \(FirewalldScript.log)")
    }

    /// The rules and chains of its host.
    package func savedRules() async throws -> String {
        try await Self.savedRules(of: host)
    }

    /// The rules and chains in iptables' tables, which have the direct rules: one per line, after
    /// its family and table.
    ///
    /// Empty tables, which firewalld leaves behind, equal missing ones.
    package static func savedRules(of host: Sandbox) async throws -> String {
        try await host.shell(
            """
            for family in 4 6; do
                ip${family#4}tables-save | sed 's/^\\(:.*-\\) \\[.*/\\1/' | awk -v family=IPv$family '
                    /^\\*/ { table = substr($0, 2) }
                    /^-A / || /^:.* -$/ { print family, table, $0 }'
            done
            """)
    }
}
