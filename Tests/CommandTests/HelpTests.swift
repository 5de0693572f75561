import Testing
import TproxyTestSupport

/// Help is short, has the common options first, and answers mistakes.
@Suite struct HelpTests {
    private func lines(_ words: [String]) async throws -> [Substring] {
        let outcome = try await Command.tproxy(words)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    }

    @Test(arguments: [
        "plan", "diff", "apply", "explain", "rehearse", "install transparent-proxy", "remove",
        "export systemd", "config check", "status", "facts",
    ])
    func helpFitsTwoScreens(command: String) async throws {
        let words = command.split(separator: " ").map(String.init)
        let lines = try await lines(words + ["--help"])
        #expect(lines.count <= 101, "\(lines.count)")
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines.first?.hasPrefix("OVERVIEW: ") == true)
        #expect(!lines.contains { $0.contains("default as flag") })
        #expect(try await self.lines(["help"] + words) == lines)
        #expect(try await self.lines(words + ["-h"]) == lines)
    }

    @Test func commonOptionsPrecedeKumas() async throws {
        let lines = try await lines(["plan", "--help"])
        let config = try #require(lines.firstIndex { $0.hasPrefix("  --config <file>") })
        let kuma = try #require(lines.firstIndex(of: "KUMA'S OPTIONS:"))
        #expect(config < kuma)
        #expect(lines.contains("  'tproxy plan --help-kuma' describes them."))
        #expect(!lines[..<kuma].contains { $0.contains("--redirect-dns-port") })
    }

    @Test func kumasOptionsAreDescribedOnRequest() async throws {
        let lines = try await lines(["apply", "--help-kuma"])
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines.contains { $0.hasPrefix("  --redirect-dns [true|false]") })
        #expect(lines.contains { $0.hasPrefix("  --redirect-dns-port <port>") })
        #expect(!lines.contains { $0.contains("default as flag") })
        let status = try await Command.tproxy(["status", "--help-kuma"])
        #expect(status.status == 64)
    }

    /// Every option that isn't hidden is in one of the two texts.
    @Test func everyOptionIsDescribed() async throws {
        for (command, arguments) in try await HelpDump.read().commands
        where !command.isEmpty && !command.hasPrefix("help") {
            let words = command.split(separator: " ").map(String.init)
            let help = try await Command.tproxy(words + ["--help"]).output
            for flag in arguments.filter(\.shouldDisplay).flatMap(\.flags) where flag != "--version"
            {
                #expect(
                    help.contains("\(flag) ") || help.contains("\(flag),")
                        || help.contains("\(flag)\n"), "\(command) \(flag)")
            }
        }
    }

    @Test(arguments: [
        ("plna", "'tproxy' has no command 'plna' [unknown-command]", "did you mean 'tproxy plan'?"),
        (
            "export systmd", "'tproxy export' has no command 'systmd' [unknown-command]",
            "did you mean 'tproxy export systemd'?"
        ),
        (
            "help nosuch", "'tproxy' has no command 'nosuch' [unknown-command]",
            "run 'tproxy --help', which lists the commands"
        ),
        (
            "help export nosuch", "'tproxy export' has no command 'nosuch' [unknown-command]",
            "run 'tproxy export --help', which lists the commands"
        ),
        (
            "plan --formt nft", "'tproxy plan' has no option '--formt' [unknown-option]",
            "did you mean '--format'?"
        ),
        (
            "install transparent-proxy --redirect-dnss",
            "'tproxy install transparent-proxy' has no option '--redirect-dnss' [unknown-option]",
            "did you mean '--redirect-dns'?"
        ),
        (
            "status --output yaml", "'yaml' is not a value for --output [invalid-argument]",
            "give text or json"
        ),
        ("plan --output", "--output needs a value [missing-value]", "give text or json"),
        (
            "plan --strict=1", "--strict takes no value, and '1' is given [usage]",
            "run 'tproxy plan --help', which lists the options"
        ),
        (
            "plan extra", "unexpected argument 'extra' [usage]",
            "run 'tproxy plan --help', which lists the options"
        ),
        (
            "apply --backend iptables --submit netlink", "--submit is for --backend nft [usage]",
            "run 'tproxy apply --help', which lists the options"
        ),
    ])
    func mistakesHaveTheFormOfAllErrors(line: String, error: String, help: String) async throws {
        let outcome = try await Command.tproxy(line.split(separator: " ").map(String.init))
        #expect(outcome.status == 64)
        #expect(outcome.output == "")
        #expect(outcome.errors == "error: \(error)\nhelp: \(help)\n")
    }

    /// The completions of bash for the last word.
    private func completions(_ words: [String]) async throws -> [Substring] {
        let script = """
            source <(\(Command.tproxy) --generate-completion-script bash)
            COMP_WORDS=(\(words.map { "'\($0)'" }.joined(separator: " "))); COMP_CWORD=\(words.count - 1)
            COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
            _tproxy tproxy '\(words.last ?? "")' '\(words.dropLast().last ?? "")'
            printf '%s\\n' "${COMPREPLY[@]}"
            """
        return try await Command.run("bash", ["-c", script], in: Scenario.root.path).output
            .split(separator: "\n")
    }

    @Test(arguments: [
        (["tproxy", "plan", "--config", "READ"], ["README.md"]),
        (["tproxy", "apply", "--plan", "READ"], ["README.md"]),
        (["tproxy", "explain", "--facts", "READ"], ["README.md"]),
        (["tproxy", "plan", "--output", ""], ["text", "json"]),
        (["tproxy", "status", "--color", ""], ["auto", "always", "never"]),
        (["tproxy", "plan", "--family", ""], ["ipv4", "ipv6"]),
        (["tproxy", "explain", "--proto", ""], ["tcp", "udp"]),
        (["tproxy", "plan", "--ip-family-mode", ""], ["dualstack", "ipv4"]),
        (["tproxy", "plan", "--redirect-dns", ""], ["true", "false"]),
        (["tproxy", "apply", "--submit", ""], ["libnftables", "netlink"]),
    ])
    func completionsOfferFilesAndValues(words: [String], expected: [String]) async throws {
        let found = try await completions(words)
        #expect(Set(found) == Set(expected.map { Substring($0) }))
    }

    @Test func completionsOfferBackends() async throws {
        let found = try await completions(["tproxy", "apply", "--backend", "iptables-"])
        #expect(Set(found) == ["iptables-nft", "iptables-legacy"])
    }
}
