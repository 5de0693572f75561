import Foundation
import Testing
import TproxyTestSupport

/// A listing of the rules of a host with other programs, in Tests/Listings.
///
/// Those of kube-proxy come from a cluster. `RECORD=1` makes the tests of the other programs write
/// theirs, from the rules that the real program loaded.
struct HostListing {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Listings")

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    /// The commands that list rules, and the suffix of the file for the output of each.
    static let commands = [
        ("nft.json", "nft -j list ruleset"),
        ("iptables-save", "iptables-nft-save; ip6tables-nft-save"),
        // Without such tables, the programs would create some.
        (
            "legacy-save",
            "[ -z \"$(cat /proc/net/ip_tables_names)\" ] || iptables-legacy-save; "
                + "[ -z \"$(cat /proc/net/ip6_tables_names)\" ] || ip6tables-legacy-save"
        ),
    ]

    static func hasRules(_ text: String) -> Bool {
        text.contains("\"table\"") || text.contains("COMMIT")
    }

    /// Writes the rules of `host` and its facts, if the environment says so.
    static func record(_ name: String, of host: ProbeHost) async throws {
        guard ProcessInfo.processInfo.environment["RECORD"] == "1" else { return }
        for (suffix, command) in commands {
            let text = try await host.sandbox.shell(command)
            guard hasRules(text) else { continue }
            // One object per line, so that a change can be reviewed.
            let lines = text.replacing("}, {\"", with: "},\n{\"")
            try lines.write(
                toFile: path("\(name).\(suffix)"), atomically: true, encoding: .utf8)
        }
        let facts = try await host.sandbox.tproxy(["facts", "--kuma-dp-user", "5678"])
        try facts.output.write(
            toFile: path("\(name).facts.json"), atomically: true, encoding: .utf8)
        Issue.record("recorded \(name); run again without RECORD")
    }
}
