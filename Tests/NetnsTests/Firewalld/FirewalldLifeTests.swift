import Foundation
import Testing
import TproxyTestSupport

/// Rules that are stored for a real firewalld, loaded by it many times, and removed.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FirewalldLifeTests {
    /// An admin's file.
    static let foreign = """
        <?xml version="1.0" encoding="utf-8"?>
        <direct>
          <!-- ours is the first rule of OUTPUT -->
          <chain ipv="ipv4" table="nat" chain="OTHERS"/>
          <rule priority="0" chain="OUTPUT" table="nat" ipv="ipv4">-p tcp --dport 9 -j OTHERS</rule>
          <passthrough ipv="ipv6">-t mangle -A PREROUTING -p tcp --dport 9 -j MARK --set-mark 9</passthrough>
        </direct>

        """

    private static let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]

    /// Our rules and chains, in whichever chain firewalld put them, without the ownership chain.
    private static func ours(_ saved: String) -> Set<String> {
        let lines = saved.split(separator: "\n").filter { line in
            (line.contains("KUMA_MESH_") || line.contains("kuma/mesh/transparent/proxy/"))
                && !line.contains("KUMA_MESH_TPROXY")
        }
        return Set(
            lines.map { line in
                String(line).replacing("OUTPUT_direct", with: "OUTPUT")
                    .replacing("PREROUTING_direct", with: "PREROUTING")
            })
    }

    /// What iptables-restore loads from `plan --format iptables`, in a new namespace.
    private static func planned(_ scenario: Scenario) async throws -> Set<String> {
        var lines: Set<String> = []
        try await Sandbox.with { sandbox in
            for (family, tool) in [("ipv4", "iptables"), ("ipv6", "ip6tables")] {
                let plan = try await sandbox.tproxy(
                    ["plan", "--format", "iptables", "--family", family] + inputs,
                    in: scenario.folder.path)
                let loaded = try await sandbox.run(
                    "\(tool)-restore", ["--noflush"], input: plan.output)
                #expect(loaded.status == 0, "\(loaded.errors)")
            }
            lines = ours(try await FirewalldRig.savedRules(of: sandbox))
        }
        return lines
    }

    @Test(arguments: FirewalldRig.Backend.allCases)
    func storedRulesSurviveReloadRestartAndKill(backend: FirewalldRig.Backend) async throws {
        let scenario = try #require(Scenario.all.first { $0.name == "everything" })
        let folder = scenario.folder.path
        let planned = try await Self.planned(scenario)
        #expect(planned.count > 40)
        try await FirewalldRig.with(backend, settings: ["RFC3964_IPv4": "no"]) { rig in
            try await rig.write(Self.foreign)
            try await rig.start()
            let before = try await rig.savedRules()
            let export = ["export", "firewalld", "--reload"]

            let stored = try await rig.host.tproxy(export + Self.inputs, in: folder)
            #expect(stored.status == 0, "\(stored.errors)")
            let loaded = try await rig.savedRules()
            #expect(Self.ours(loaded) == planned)
            #expect(loaded.contains("--dport 9 -j OTHERS"))
            let status = try await rig.host.tproxy(["status"])
            #expect(status.status == 0, "\(status.output)\(status.errors)")

            try await rig.reload()
            #expect(try await rig.savedRules() == loaded)
            try await rig.stop()
            #expect(Self.ours(try await rig.savedRules()).isEmpty)
            try await rig.start()
            #expect(try await rig.savedRules() == loaded)
            try await rig.kill()
            try await rig.start()
            #expect(try await rig.savedRules() == loaded)
            #expect(try await rig.host.tproxy(["status"]).status == 0)

            let again = try await rig.host.tproxy(export + Self.inputs, in: folder)
            #expect(again.output.hasPrefix("unchanged"), "\(again.output)\(again.errors)")
            #expect(try await rig.savedRules() == loaded)

            let removed = try await rig.host.tproxy(export + ["--remove"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try await rig.directXML() == Self.foreign)
            #expect(try await rig.savedRules() == before)
            #expect(!(try await rig.host.shell("ip addr show lo")).contains("::6/128"))
        }
    }

    /// The example of Kuma's documentation.
    @Test(arguments: FirewalldRig.Backend.allCases)
    func kumasExampleSurvivesReloadAndKill(backend: FirewalldRig.Backend) async throws {
        try await FirewalldRig.with(backend) { rig in
            // An IPv6 address, without which IPv6 isn't redirected.
            try await rig.host.shell(
                """
                ip link add eth0 type veth peer name eth1
                ip address add fd77::2/64 dev eth0 nodad; ip link set eth0 up; ip link set eth1 up
                """)
            try await rig.write(Self.foreign)
            try await rig.start()
            let before = try await rig.savedRules()
            let installed = try await rig.host.tproxy(
                [
                    "install", "transparent-proxy", "--kuma-dp-user", "5678", "--redirect-dns",
                    "--store-firewalld",
                ])
            #expect(installed.status == 0, "\(installed.errors)")
            #expect(installed.errors.contains("[firewalld-rejects-ipv6]"), "\(installed.errors)")
            #expect(!installed.errors.contains("[firewalld-flushes]"), "\(installed.errors)")
            let ours = Self.ours(try await rig.savedRules())
            #expect(!ours.isEmpty)

            try await rig.reload()
            #expect(Self.ours(try await rig.savedRules()) == ours)
            try await rig.kill()
            try await rig.start()
            #expect(Self.ours(try await rig.savedRules()) == ours)
            #expect(try await rig.host.tproxy(["status"]).status == 0)

            let removed = try await rig.host.tproxy(
                ["uninstall", "transparent-proxy", "--store-firewalld"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(try await rig.directXML() == Self.foreign)
            #expect(Self.ours(try await rig.savedRules()).isEmpty)
            try await rig.reload()
            #expect(try await rig.savedRules() == before)
        }
    }

    /// Rules that firewalld loaded count as ours, also in its own `OUTPUT_direct`, and `remove`
    /// warns that they come back.
    @Test(arguments: [
        (FirewalldRig.Backend.nftables, "nft"), (.iptables, "nft"), (.nftables, "legacy"),
    ])
    func rulesThatFirewalldLoadedAreRecognised(backend: FirewalldRig.Backend, flavour: String)
        async throws
    {
        try await FirewalldRig.with(backend) { rig in
            try await rig.changeAlternatives(
                """
                for tool in iptables ip6tables; do
                    for part in '' -save -restore; do
                        ln -sf /usr/sbin/$tool-\(flavour)$part $tool$part
                    done
                done
                """)
            try await rig.start()
            let before = try await rig.savedRules()
            _ = try await rig.host.tproxy(
                ["export", "firewalld", "--reload", "--facts", "-"], input: ApplyTests.facts)
            let loaded = try await rig.savedRules()
            let status = try await rig.host.tproxy(["status"])
            #expect(status.status == 0, "\(status.output)\(status.errors)")
            #expect(status.output.contains("chains KUMA_MESH_* of iptables-\(flavour)"))
            #expect(status.output.contains("as applied"))

            try await rig.host.shell("ip6tables -t nat -I KUMA_MESH_OUTBOUND -j RETURN")
            #expect(try await rig.host.tproxy(["status"]).status == 2)

            let removed = try await rig.host.tproxy(["remove"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(removed.errors.contains("[still-stored]"), "\(removed.errors)")
            #expect(try await rig.savedRules() == before)
            #expect(try await rig.host.tproxy(["status"]).status == 1)
            try await rig.reload()
            #expect(try await rig.savedRules() == loaded)
        }
    }

    /// Both succeed, one after the other, and the file and the kernel agree in the end.
    @Test func concurrentExportsLeaveFileAndKernelInStep() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.start()
            let outcome = try await rig.host.shell(
                """
                printf '%s' '\(ApplyTests.facts)' > /run/facts
                for port in 15101 15102; do
                    \(Command.tproxy) export firewalld --reload --facts /run/facts --wait 120 \\
                        --redirect-outbound-port $port || echo failed &
                done
                wait
                """)
            #expect(!outcome.contains("failed"), "\(outcome)")
            let loaded = try await rig.savedRules()
            #expect(loaded.contains("15101") != loaded.contains("15102"))
            #expect(try await rig.host.tproxy(["status"]).status == 0)
            try await rig.reload()
            #expect(try await rig.savedRules() == loaded)
        }
    }
}
