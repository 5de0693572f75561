import FirewalldControl
import Testing
import TproxyTestSupport

/// A reload that fails in firewalld is undone, and the error names the reason.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FirewalldRollbackTests {
    private static let export = ["export", "firewalld", "--reload", "--facts", "-"]

    private static let foreign = """
        <direct>
          <rule ipv="ipv4" table="nat" chain="OUTPUT" priority="0">-p tcp --dport 9 -j RETURN</rule>
        </direct>

        """

    /// Replaces the ip6tables-restore that firewalld calls with a fake that refuses our chains; no
    /// real one does.
    private static let refuseOurs = """
        rm ip6tables-restore
        cat > ip6tables-restore <<'E'
        #!/bin/sh
        input=$(cat)
        case $input in *KUMA_MESH*) echo "ip6tables-restore: line 7 failed" >&2; exit 1;; esac
        printf '%s\\n' "$input" | /usr/sbin/ip6tables-nft-restore "$@"
        E
        chmod +x ip6tables-restore
        """

    /// Because of one such rule, firewalld loads nothing of the file.
    private static let bad = """
        <direct>
          <chain ipv="ipv4" table="nat" chain="OTHERS"/>
          <rule ipv="ipv4" table="nat" chain="OTHERS" priority="0">-p tcp -j NOWHERE</rule>
        </direct>

        """

    @Test(arguments: FirewalldRig.Backend.allCases)
    func failedReloadRestoresAndLoadsTheOldFile(backend: FirewalldRig.Backend) async throws {
        try await FirewalldRig.with(backend) { rig in
            try await rig.changeAlternatives(Self.refuseOurs)
            try await rig.write(Self.foreign)
            try await rig.start()
            let before = try await rig.savedRules()
            let refused = try await rig.host.tproxy(Self.export, input: ApplyTests.facts)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("[firewalld-refused]"), "\(refused.errors)")
            #expect(refused.errors.contains("firewalld runs with it"), "\(refused.errors)")
            #expect(try await rig.directXML() == Self.foreign)
            #expect(try await rig.state() == "running")
            #expect(try await rig.savedRules() == before)
            #expect(!(try await rig.host.shell("ip addr show lo")).contains("::6/128"))
        }
    }

    @Test func foreignRuleThatFirewalldRefusesIsNamed() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.start()
            try await rig.write(Self.bad)
            let refused = try await rig.host.tproxy(Self.export, input: ApplyTests.facts)
            #expect(refused.status == 1)
            #expect(
                refused.errors.contains("/etc/firewalld/direct.xml:3:3: error: iptables refuses"),
                "\(refused.errors)")
            #expect(refused.errors.contains("NOWHERE"))
            #expect(refused.errors.contains("doesn't run with it either"), "\(refused.errors)")
            #expect(try await rig.directXML() == Self.bad)
        }
    }

    /// A file that firewalld itself would refuse doesn't replace the old one.
    ///
    /// The program is a fake, because our own check refuses first whatever the real one refuses.
    @Test func fileThatFirewalldsCheckRefusesIsNotReplaced() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.host.shell(
                """
                cat > /run/check <<'E'
                #!/bin/sh
                grep -q KUMA_MESH_OUTBOUND $2/direct.xml || exit 0
                echo "Configuration error: INVALID_RULE: '$2/direct.xml': too much" >&2
                exit 122
                E
                chmod +x /run/check
                mount --bind /run/check "$(command -v firewall-offline-cmd)"
                """)
            try await rig.write(Self.foreign)
            let export = ["export", "firewalld", "--facts", "-"]
            let apply = ["apply", "--store-firewalld", "--facts", "-"]
            for command in [export, apply] {
                let refused = try await rig.host.tproxy(command, input: ApplyTests.facts)
                #expect(refused.status == 1)
                #expect(
                    refused.errors.contains(
                        "the new content of '/etc/firewalld/direct.xml': INVALID_RULE"),
                    "\(refused.errors)")
                #expect(try await rig.directXML() == Self.foreign)
                #expect(try await rig.savedRules().isEmpty)
            }
        }
    }

    /// The real program, with files that our own check would refuse first.
    @Test(arguments: [
        "<direct><x/></direct>", "<direct>",
        "<direct><chain ipv='ipv5' table='nat' chain='A'/></direct>",
        "<direct><rule ipv='ipv4' table='nat' chain='OUTPUT' priority='x'>-j RETURN</rule></direct>",
    ])
    func refusalsOfFirewalldsCheckAreRead(text: String) {
        guard case .refused(let words) = OfflineCheck(of: Array(text.utf8)) else {
            Issue.record("not refused")
            return
        }
        #expect(!words.isEmpty && !words.contains("/tmp/"), "\(words)")
    }

    @Test func validFilePassesFirewalldsCheck() {
        #expect(OfflineCheck(of: Array(Self.foreign.utf8)) == .passed)
    }

    @Test func busAddressOfTheEnvironmentIsUsed() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.start()
            try await rig.host.shell("mv /run/dbus/system_bus_socket /run/bus")
            let missed = try await rig.host.tproxy(Self.export, input: ApplyTests.facts)
            #expect(missed.status == 1)
            #expect(missed.errors.contains("firewalld doesn't answer"), "\(missed.errors)")
            #expect(try await rig.directXML() == nil)
            let used = try await rig.host.tproxy(
                Self.export, environment: ["DBUS_SYSTEM_BUS_ADDRESS": "unix:path=/run/bus"],
                input: ApplyTests.facts)
            #expect(used.status == 0, "\(used.errors)")
        }
    }

    @Test func reloadWithoutFirewalldStoresNothing() async throws {
        try await FirewalldRig.with(.nftables) { rig in
            let refused = try await rig.host.tproxy(Self.export, input: ApplyTests.facts)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("[firewalld-not-running]"), "\(refused.errors)")
            #expect(try await rig.directXML() == nil)
        }
    }
}
