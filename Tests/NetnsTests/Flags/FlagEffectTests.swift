import Foundation
import Testing
import TproxyConfig
import TproxyTestSupport

/// Every flag of every command changes what the command prints, writes or loads.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FlagEffectTests {
    /// Flags that two runs here can't compare, each with its reason or the suite that tests it.
    private static let exceptions = [
        "export systemd --enable": "SystemdBootTests",
        "export firewalld --reload": "FirewalldStoreTests",
        "rehearse --instance": "the rules have other names, and are gone with their namespace",
        "validate --timeout": "ValidateTests; how long a run that fails takes",
        "install transparent-proxy-validator --timeout": "ValidateTests",
        "dataplane show --quiet": "a document is what was asked for",
        "config init --color": "a document has no colours",
        "config init --quiet": "a document is what was asked for",
        "config schema --color": "a document has no colours",
        "config reference --color": "a document has no colours",
        "config schema --quiet": "a document is what was asked for",
        "config reference --quiet": "a document is what was asked for",
    ].merging(ofConfirmation.map { ($0, "ConfirmationTests: it needs a pending change") }) { $1 }
        .merging(ofAgent.map { ("kube agent \($0)", "AgentInstallationTests, AgentServiceTests") })
    {
        $1
    }

    private static let ofConfirmation =
        ["apply --confirm", "install transparent-proxy --confirm"]
        + ["--color", "--output", "--quiet"].flatMap { ["confirm \($0)", "rollback \($0)"] }
        // How a guard is started.
        + ["rollback --expired", "rollback --detached"]

    /// The agent runs until it is stopped.
    private static let ofAgent = [
        "--api-server", "--ca-file", "--cni-bin-dir", "--cni-conf-dir", "--config", "--daemon-set",
        "--exclude-namespaces", "--install", "--list-spread", "--listen", "--node", "--plugin",
        "--proc-dir", "--socket", "--taint", "--token-file", "--uninstall",
    ]

    @Test(arguments: FlagEffect.all)
    func theFlagChangesTheOutcome(effect: FlagEffect) async throws {
        let without = try await Self.outcome(of: effect, isGiven: false)
        let with = try await Self.outcome(of: effect, isGiven: true)
        #expect(with != without, "\(effect.flag) has no effect:\n\(without)")
    }

    @Test func everyFlagOfEveryCommandIsTried() async throws {
        let ofConfiguration = Set(ConfigurationKey.all.compactMap(\.flag))
        let untried = Set(DeprecatedFlag.all.map(\.name)).union(["--version", "--help"])
        let tried = Set(FlagEffect.all.map { "\($0.command) \($0.flag)" })
        for (command, arguments) in try await HelpDump.read().commands {
            let flags = Set(arguments.flatMap(\.flags)).subtracting(untried)
            let own =
                FlagEffect.configured.contains(command) ? flags.subtracting(ofConfiguration) : flags
            let rest = own.filter { !tried.contains("\(command) \($0)") }
            #expect(
                rest.allSatisfy { Self.exceptions["\(command) \($0)"] != nil },
                "\(command): \(rest.sorted())")
        }
    }

    /// All that a run can change: what it prints, the files of its directory, and the namespace.
    ///
    /// Without the time of the load, which differs between any two runs.
    private static func outcome(of effect: FlagEffect, isGiven: Bool) async throws -> String {
        var text = ""
        try await Sandbox.with { sandbox in
            let folder = try TestFolder()
            let scenario = try #require(Scenario.all.first { $0.name == "default" })
            for name in ["tproxy.yaml", "facts.json"] {
                try FileManager.default.copyItem(
                    atPath: scenario.folder.appendingPathComponent(name).path,
                    toPath: folder.path(of: name))
            }
            try await sandbox.shell("echo 'unknownKey: 1' > unknown.yaml", in: folder.url.path)
            if !effect.setUp.isEmpty {
                try await sandbox.shell(
                    "tproxy=\(Command.tproxy)\n{ \(effect.setUp)\n} > /dev/null",
                    in: folder.url.path)
            }
            let flag = isGiven ? [effect.flag] + (effect.value.map { [$0] } ?? []) : []
            let run = try await sandbox.tproxy(
                effect.command.split(separator: " ").map(String.init) + effect.arguments + flag,
                in: folder.url.path)
            let files = try await sandbox.shell("grep -r '' . | sort", in: folder.url.path)
            text = """
                exit \(run.status)
                \(run.output)
                \(run.errors)
                \(files)
                \(try await sandbox.state())
                """
        }
        return TableListing.withoutTime(text)
            // The kernel chooses the port of the application that 'validate' connects to.
            .replacing(/(?:127\.0\.0\.2|::6) tcp port [0-9]+/, with: "the application")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{5,8}/, with: "…")
    }
}
