import Testing
import TproxyTestSupport

/// Everything foreign stays as it is: rules, counters, addresses, tables of our name.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ForeignRulesTests {
    private let apply = ["apply", "--redirect-dns", "--facts", "-"]

    @Test func foreignRulesAndCountersStay() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                """
                nft add table inet foreign
                nft add chain inet foreign out '{ type nat hook output priority -100; }'
                nft add rule inet foreign out counter comment '"mentions tproxy_mesh"'
                iptables-nft -t nat -A OUTPUT -m comment --comment KUMA_MESH -p tcp --dport 7 -j RETURN
                iptables-nft -t mangle -A PREROUTING -j ACCEPT
                ip6tables-nft -t nat -N FOREIGN
                ip rule add fwmark 7 table 77
                ping -c 3 -i 0.01 -q 127.0.0.1 >/dev/null 2>&1 || bash -c 'echo > /dev/udp/127.0.0.1/9'
                """)
            let before = try await sandbox.state()
            let counters = try await sandbox.shell("iptables-nft-save -c -t nat | grep -v '^#'")
            for arguments in [apply, apply + ["--redirect-inbound-port", "9"], ["remove"]] {
                let outcome = try await sandbox.tproxy(arguments, input: ApplyTests.facts)
                #expect(outcome.status == 0, "\(outcome.errors)")
                let foreign = try await sandbox.shell("nft list table inet foreign")
                #expect(before.contains(foreign))
            }
            #expect(try await sandbox.state() == before)
            #expect(
                try await sandbox.shell("iptables-nft-save -c -t nat | grep -v '^#'") == counters)
        }
    }

    @Test func foreignTableOfOurNameIsRefused() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                "nft add table inet tproxy_mesh; nft add set inet tproxy_mesh identity '{ type mark; }'"
            )
            let before = try await sandbox.state()
            for arguments in [apply, ["remove"], ["status"]] {
                let outcome = try await sandbox.tproxy(arguments, input: ApplyTests.facts)
                #expect(outcome.status == 1)
                #expect(outcome.errors.contains("[foreign-object]"), "\(outcome.errors)")
            }
            #expect(try await sandbox.state() == before)
            let other = try await sandbox.tproxy(
                apply + ["--instance", "other"], input: ApplyTests.facts)
            #expect(other.output.contains("table inet tproxy_other"))
        }
    }

    @Test func instancesDontTouchEachOther() async throws {
        try await Sandbox.with { sandbox in
            for name in ["one", "two"] {
                let applied = try await sandbox.tproxy(
                    apply + ["--instance", name], input: ApplyTests.facts)
                #expect(applied.status == 0, "\(applied.errors)")
            }
            let two = try await sandbox.shell("nft list table inet tproxy_two")
            _ = try await sandbox.tproxy(["remove", "--instance", "one"])
            #expect(try await sandbox.shell("nft list tables") == "table inet tproxy_two\n")
            #expect(try await sandbox.shell("nft list table inet tproxy_two") == two)
        }
    }
}
