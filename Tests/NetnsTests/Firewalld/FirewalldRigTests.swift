import Foundation
import Testing
import TproxyTestSupport

/// The rig itself, with a real firewalld.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FirewalldRigTests {
    private static let directXML = """
        <?xml version="1.0" encoding="utf-8"?>
        <direct>
          <chain ipv="ipv4" table="nat" chain="OTHERS"/>
          <chain ipv="ipv6" table="nat" chain="OTHERS"/>
          <rule ipv="ipv4" table="nat" chain="OUTPUT" priority="2">-p tcp -j OTHERS</rule>
          <rule ipv="ipv4" table="nat" chain="OTHERS" priority="1">-p tcp --dport 9 -m comment \
        --comment "a &lt;quoted&gt; &amp; spaced word" -j RETURN</rule>
          <rule ipv="ipv6" table="nat" chain="PREROUTING" priority="1">-p udp -j OTHERS</rule>
        </direct>
        """

    @Test(arguments: FirewalldRig.Backend.allCases)
    func directRulesSurviveReloadKillAndStart(backend: FirewalldRig.Backend) async throws {
        try await FirewalldRig.with(backend) { rig in
            try await rig.write(Self.directXML)
            try await rig.start()
            let loaded = try await rig.savedRules()
            let suffix =
                switch backend {
                case .nftables: ""
                case .iptables: "_direct"
                }
            #expect(loaded.contains("-A OUTPUT\(suffix) -p tcp -j OTHERS"), "\(loaded)")
            #expect(loaded.contains("-A PREROUTING\(suffix) -p udp -j OTHERS"), "\(loaded)")
            #expect(loaded.contains(#"--comment "a <quoted> & spaced word" -j RETURN"#))

            try await rig.reload()
            #expect(try await rig.savedRules() == loaded)
            try await rig.completeReload()
            #expect(try await rig.savedRules() == loaded)
            try await rig.kill()
            #expect(try await rig.state() == "not running")
            #expect(try await rig.savedRules() == loaded)
            try await rig.start()
            #expect(try await rig.savedRules() == loaded)
            try await rig.stop()
            #expect(!(try await rig.savedRules()).contains("OTHERS"))
        }
    }

    @Test func rigChangesNothingOutsideAndLeavesNothing() async throws {
        let outside = ["-c", "ls -laR /etc/firewalld /run/dbus 2>&1; nft list ruleset"]
        let before = try await Command.run("sh", outside).output
        var namespace = ""
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.write(Self.directXML)
            try await rig.start()
            #expect(try await Command.run("sh", outside).output == before)
            namespace = try await rig.host.shell("readlink /proc/self/ns/net")
        }
        // The kernel ends the processes one by one.
        let left = try await Command.run(
            "sh",
            [
                "-c",
                """
                for try in $(seq 100); do
                    readlink /proc/[0-9]*/ns/net | grep -qxF "$1" || exit 0
                    sleep 0.05
                done
                exit 1
                """, "sh", namespace.trimmingCharacters(in: .newlines),
            ])
        #expect(left.status == 0)
        #expect(try await Command.run("sh", outside).output == before)
    }
}
