import ArgumentParser
import Testing

@testable import TproxyCommands

/// The shortcut parses plain command lines as the root command does, and declines all others.
@Suite struct ShortcutTests {
    @Test(arguments: [
        "plan", "plan --format nft --redirect-dns --vnet a:10.0.0.0/8 --vnet b:10.1.0.0/16",
        "diff --instance other", "apply --backend iptables --no-preflight --config a,b",
        "apply --plan file", "status --output json", "remove --dry-run --kumactl",
        "install transparent-proxy --kuma-dp-user 1", "uninstall transparent-proxy --verbose",
    ])
    func shortcutParsesWhatTheRootParses(line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let short = try #require(TproxyCommand.shortcut(words))
        #expect(Self.dumped(short) == Self.dumped(try TproxyCommand.parseAsRoot(words)))
    }

    @Test(arguments: [
        "", "--version", "plan --help", "plan --version", "plan --formt nft", "plan --format oops",
        "apply --plan file --backend nft", "help plan", "install", "install other",
        "plan --generate-completion-script bash", "config show",
    ])
    func shortcutDeclinesOtherCommandLines(line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        #expect(TproxyCommand.shortcut(words) == nil)
    }

    private static func dumped(_ command: any ParsableCommand) -> String {
        var text = "\(type(of: command))\n"
        dump(command, to: &text)
        return text
    }
}
