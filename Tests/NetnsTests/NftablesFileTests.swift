import Foundation
import Testing
import TproxyTestSupport

/// `nft -f` of an exported file loads what `tproxy apply` loads.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct NftablesFileTests {
    private let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]
    private let listing = "nft --stateless list table inet tproxy_mesh"

    /// Runs `body` with an exported file and a namespace.
    private func withFile(
        of scenario: Scenario, _ body: (String, Sandbox) async throws -> Void
    ) async throws {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-\(UUID()).nft").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let export = try await Command.tproxy(
            ["export", "nftables", "--output", file] + inputs, in: scenario.folder.path)
        #expect(export.status == 0, "\(export.errors)")
        try await Sandbox.with { try await body(file, $0) }
    }

    @Test(arguments: Scenario.all)
    func nftLoadsFromTheFileWhatApplyLoads(scenario: Scenario) async throws {
        try await withFile(of: scenario) { file, sandbox in
            let folder = scenario.folder.path
            #expect(try await sandbox.tproxy(["apply"] + inputs, in: folder).status == 0)
            // A file adds no address.
            let applied = TableListing.withoutAddress(try await sandbox.shell(listing))
            #expect(try await sandbox.tproxy(["remove"]).status == 0)

            // Loading it twice equals loading it once.
            try await sandbox.shell("nft -f \(file) && nft -f \(file)")
            #expect(TableListing.withoutAddress(try await sandbox.shell(listing)) == applied)
            #expect(try await sandbox.tproxy(["status"]).status == 0)
            let diff = try await sandbox.tproxy(["diff"] + inputs, in: folder)
            #expect(diff.status == 0, "\(diff.output)\(diff.errors)")

            // With the address in place, apply has nothing to do.
            try await sandbox.shell("ip -6 address add ::6/128 dev lo")
            let second = try await sandbox.tproxy(["apply"] + inputs, in: folder)
            #expect(second.output.hasPrefix("unchanged"), "\(second.output)\(second.errors)")
            #expect(try await sandbox.tproxy(["remove"]).status == 0)
            #expect(try await sandbox.shell("nft list ruleset") == "")
        }
    }

    /// Without the address, apply adds it and records that in the table.
    @Test func applyAddsTheAddressAfterTheFileWasLoaded() async throws {
        let scenario = try #require(Scenario.all.first { $0.name == "default" })
        try await withFile(of: scenario) { file, sandbox in
            try await sandbox.shell("nft -f \(file)")
            let first = try await sandbox.tproxy(["apply"] + inputs, in: scenario.folder.path)
            #expect(first.output.hasPrefix("replaced"))
            #expect(first.output.hasSuffix("added ::6/128 on lo\n"))
            let second = try await sandbox.tproxy(["apply"] + inputs, in: scenario.folder.path)
            #expect(second.output.hasPrefix("unchanged"))
        }
    }

    @Test func fileReplacesOurTableAndNoOther() async throws {
        let scenario = try #require(Scenario.all.first { $0.name == "default" })
        try await withFile(of: scenario) { file, sandbox in
            try await sandbox.shell("nft add table inet other; nft add table inet tproxy_other")
            let other = try await sandbox.tproxy(["apply", "--kuma-dp-user", "1"])
            #expect(other.status == 0, "\(other.errors)")
            try await sandbox.shell("nft -f \(file)")
            #expect(try await sandbox.shell(listing).contains("skuid 5678"))
            let tables = try await sandbox.shell("nft list tables")
            #expect(tables.contains("inet other") && tables.contains("inet tproxy_other"))
        }
    }

    /// nftables.service of this distribution loads it at boot, once its configuration says so.
    @Test func nftablesServiceLoadsTheFileAtBoot() async throws {
        let scenario = try #require(Scenario.all.first { $0.name == "dns-resolvers" })
        let export = "tproxy export nftables --config /etc/tproxy.yaml --facts /etc/facts.json"
        let prepare =
            try scenario.inputsScript(folder: "/etc") + """
                printf '#!/usr/sbin/nft -f\\nflush ruleset\\ntable inet filter {}\\n' \
                    > /etc/nftables.conf
                rm -rf /etc/nftables.d
                \(export) 2> /run/before
                echo 'include "/etc/nftables.d/*.nft"' >> /etc/nftables.conf
                systemctl enable nftables.service
                \(export) 2> /run/after
                """
        try await SystemdMachine.boot(preparing: prepare) { machine in
            let before = try await machine.shell("cat /run/before")
            #expect(before.contains("[not-included]"), "\(before)")
            #expect(before.contains(#"include "/etc/nftables.d/*.nft""#))
            #expect(before.contains("[nftables-disabled]"), "\(before)")
            #expect(before.contains("[resolvers-of-now]"), "\(before)")
            let after = try await machine.shell("cat /run/after")
            #expect(!after.contains("[not-included]"), "\(after)")
            #expect(!after.contains("[nftables-disabled]"), "\(after)")

            #expect(try await machine.run("tproxy", ["status"]).status == 0)
            try await machine.shell("systemctl restart nftables.service")
            #expect(try await machine.run("tproxy", ["status"]).status == 0)

            try await machine.shell("tproxy export nftables --remove")
            try await machine.shell("systemctl restart nftables.service")
            #expect(try await machine.shell("nft list tables") == "table inet filter\n")
        }
    }
}
