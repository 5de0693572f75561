import Foundation
import Testing
import TproxyTestSupport

/// Names that a user may choose and that look like syntax: the kernel and the real tools read them
/// as names.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct HostileRulesTests {
    /// Valid interface names that a language could read as its own syntax.
    private static let interfaces = [
        "--help", "-j", "-F", "--", "-", "...", "a@b", "0", "lo", "any", "inet", "accept", "drop",
        "meta", "elements", "include", "0x1", "1-2", "1.2.3.4", "a+", "-i+", "tcp", "..a",
    ]

    private static let chains = [
        "ACCEPT", "drop", "inet", "RETURN", "0", "_", "meta", "OUTPUT", "jump", "TPROXY_",
        "include", "999999999999999999",
    ]

    private static let variables = [
        "REDIRECT_INBOUND_CHAIN_NAME", "REDIRECT_INBOUND_REDIRECT_CHAIN_NAME",
        "REDIRECT_OUTBOUND_CHAIN_NAME", "REDIRECT_OUTBOUND_REDIRECT_CHAIN_NAME",
    ]

    private static func environment(chain: Int) -> [String: String] {
        [
            "KUMA_TRANSPARENT_PROXY_" + variables[chain % variables.count]: chains[chain],
            "KUMA_TRANSPARENT_PROXY_KUMA_DP_USER": "5678",
        ]
    }

    private static var networks: [String] {
        interfaces.map { "--vnet=\($0):10.0.0.0/8" }
    }

    /// Every name is in the kernel as it was written, and only our table exists.
    @Test func nftReadsHostileInterfaceNamesAsNames() async throws {
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(
                ["apply", "--kuma-dp-user", "5678"] + Self.networks)
            #expect(applied.status == 0, "\(applied.errors)")
            let listed = try await sandbox.shell("nft list ruleset")
            for name in Self.interfaces {
                let written = name.hasSuffix("+") ? name.dropLast() + "*" : name
                #expect(listed.contains("iifname \"\(written)\""), "\(name): \(listed)")
            }
            #expect(try await sandbox.shell("nft list tables") == "table inet tproxy_mesh\n")
            #expect(try await sandbox.tproxy(["status"]).status == 0)
            // The text for nft -f loads the same.
            let text = try await sandbox.tproxy(
                ["plan", "--format", "nft", "--kuma-dp-user", "5678"] + Self.networks)
            let loaded = try await sandbox.run("nft", ["-f", "-"], input: text.output)
            #expect(loaded.status == 0, "\(loaded.errors)")
            let again = try await sandbox.shell("nft list ruleset")
            #expect(Self.rules(again) == Self.rules(listed))
        }
    }

    /// The rules without the identity, which records who added the address, and when.
    private static func rules(_ listing: String) -> [Substring] {
        listing.split(separator: "\n").filter {
            !$0.contains("made by tproxy") && !$0.contains(" comment \"record ")
        }
    }

    @Test func hostileChainNamesMakeChains() async throws {
        for index in Self.chains.indices {
            try await Sandbox.with { sandbox in
                let environment = Self.environment(chain: index)
                let applied = try await sandbox.tproxy(["apply"], environment: environment)
                #expect(applied.status == 0, "\(Self.chains[index]): \(applied.errors)")
                let listed = try await sandbox.shell("nft list chains")
                #expect(listed.components(separatedBy: "\tchain ").count == 8, "\(listed)")
                #expect(listed.contains("chain mesh_\(Self.chains[index].lowercased()) {"))
                let plan = try await sandbox.tproxy(
                    ["plan", "--format", "iptables", "--family", "ipv4"], environment: environment)
                #expect(plan.status == 0, "\(plan.errors)")
                try await Self.restoresAsIs(plan.output, sandbox)
            }
        }
    }

    @Test func iptablesReadsHostileInterfaceNamesAsNames() async throws {
        try await Sandbox.with { sandbox in
            let plan = try await sandbox.tproxy(
                ["plan", "--format", "iptables", "--family", "ipv4", "--kuma-dp-user", "5678"]
                    + Self.networks)
            #expect(plan.status == 0, "\(plan.errors)")
            try await Self.restoresAsIs(plan.output, sandbox)
            let saved = try await sandbox.shell("iptables-nft-save -t nat")
            for name in Self.interfaces {
                #expect(saved.contains("-i \(name) "), "\(name): \(saved)")
            }
        }
    }

    /// The real iptables-restore loads as many rules as there are lines, into our chains alone.
    private static func restoresAsIs(_ document: String, _ sandbox: Sandbox) async throws {
        let test = try await sandbox.run(
            "iptables-nft-restore", ["--test", "--noflush"], input: document)
        #expect(test.status == 0, "\(test.errors)\(document)")
        let loaded = try await sandbox.run("iptables-nft-restore", ["--noflush"], input: document)
        #expect(loaded.status == 0, "\(loaded.errors)")
        let written = document.split(separator: "\n").filter {
            $0.hasPrefix("-A") || $0.hasPrefix("-I")
        }
        let saved = try await sandbox.shell("iptables-nft-save").split(separator: "\n")
            .filter { $0.hasPrefix("-A") }
        #expect(saved.count == written.count, "\(saved.joined(separator: "\n"))")
    }

    /// A host may have interfaces with odd names: they are read as text or skipped.
    @Test func hostsInterfacesWithHostileNamesAreHandled() async throws {
        try await Sandbox.with { sandbox in
            for name in [
                "@identity", "a\"b", "a;b", "$(id)", "\u{1B}[2J", "a`b", "\u{202E}x", "a'b",
            ] {
                let made = try await sandbox.run(
                    "ip", ["link", "add", name, "type", "veth", "peer", "name", "peer"])
                #expect(made.status == 0, "\(name): \(made.errors)")
                _ = try await sandbox.run("ip", ["address", "add", "fd00::1/64", "dev", name])
                let facts = try await sandbox.tproxy(["facts", "--kuma-dp-user", "5678"])
                #expect(facts.status == 0, "\(facts.errors)")
                let applied = try await sandbox.tproxy(["apply", "--kuma-dp-user", "5678"])
                #expect(applied.status == 0, "\(name): \(applied.errors)")
                #expect(
                    !facts.output.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
                #expect(try await sandbox.shell("nft list tables") == "table inet tproxy_mesh\n")
                _ = try await sandbox.run("ip", ["link", "delete", name])
            }
        }
    }
}
