import Foundation
import Testing
import TproxyTestSupport

/// Foreign rules in all tables of both flavours and families stay, with their counters.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct IptablesForeignTests {
    private static let plant = """
        for flavour in nft legacy; do for tool in iptables ip6tables; do
            run="$tool-$flavour"
            $run -t nat -N FOREIGN; $run -t nat -A FOREIGN -p tcp --dport 7 -j RETURN
            $run -t nat -A OUTPUT -j FOREIGN
            $run -t nat -A PREROUTING -p udp --dport 9 -m comment --comment KUMA_MESH -j ACCEPT
            $run -t raw -A OUTPUT -p udp --dport 77 -j ACCEPT
            $run -t mangle -A PREROUTING -p tcp --dport 78 -j ACCEPT
            $run -t filter -A INPUT -p tcp --dport 79 -j ACCEPT
        done; done
        bash -c 'echo > /dev/tcp/127.0.0.1/7'; bash -c 'echo > /dev/udp/127.0.0.1/77'; true
        """

    /// Every foreign rule and chain of both flavours, with counters.
    private func foreign(_ sandbox: Sandbox) async throws -> String {
        try await sandbox.shell(
            """
            for flavour in nft legacy; do for tool in iptables ip6tables; do
                for table in raw mangle nat filter; do
                    echo "# $tool-$flavour $table"
                    $tool-$flavour-save -c -t $table | grep -e ' -A ' | grep -v CONCURRENT |
                        grep -v kuma/mesh/transparent/proxy/ | grep -v 'A KUMA_MESH_'
                done
            done; done; true
            """)
    }

    @Test(arguments: IptablesApplyTests.flavours)
    func foreignRulesStayDuringTwentyAppliesAndTwoHundredAdditions(flavour: String) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(Self.plant + " 2>/dev/null")
            let before = try await foreign(sandbox)
            let outcome = try await sandbox.shell(
                """
                printf '%s' '\(ApplyTests.facts)' > /tmp/facts.$$
                (for port in $(seq 1 200); do
                    iptables-\(flavour) -w 30 -t nat -A OUTPUT -p tcp --dport $port \\
                        -m comment --comment CONCURRENT -j RETURN || echo "not added: $port"
                done) &
                for port in $(seq 1 20); do
                    \(Command.tproxy) apply --backend iptables-\(flavour) --facts /tmp/facts.$$ \\
                        --redirect-outbound-port $port --max-retries 50 \\
                        --sleep-between-retries 20ms >/dev/null || echo "apply $port failed"
                done
                wait
                \(Command.tproxy) remove; rm /tmp/facts.$$
                """)
            #expect(!outcome.contains("not added") && !outcome.contains("failed"), "\(outcome)")
            #expect(try await foreign(sandbox) == before)
            let added = try await sandbox.shell(
                "iptables-\(flavour)-save -t nat | grep -c CONCURRENT")
            #expect(added == "200\n")
            #expect(!(try await sandbox.shell("iptables-\(flavour)-save")).contains("KUMA_MESH_"))
        }
    }

    @Test(arguments: IptablesApplyTests.flavours)
    func ourRulesWithoutCommentsAreRecognised(flavour: String) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(Self.plant + " 2>/dev/null")
            let before = try await IptablesApplyTests.saved(sandbox, flavour)
            let apply = [
                "apply", "--backend", "iptables-\(flavour)", "--disable-comments",
                "--redirect-all-dns-traffic", "--drop-invalid-packets", "--facts", "-",
            ]
            let first = try await sandbox.tproxy(apply, input: ApplyTests.facts)
            #expect(first.status == 0, "\(first.errors)")
            let second = try await sandbox.tproxy(apply, input: ApplyTests.facts)
            #expect(second.output.hasPrefix("unchanged"))
            _ = try await sandbox.tproxy(["remove"])
            #expect(try await IptablesApplyTests.saved(sandbox, flavour) == before)
        }
    }

    /// Without comments, an admin's rule may equal one of ours.
    @Test(arguments: IptablesApplyTests.flavours)
    func foreignRuleEqualToOursStays(flavour: String) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                """
                mangle="iptables-\(flavour) -t mangle -A PREROUTING"
                $mangle -m conntrack --ctstate INVALID -c 7 70 -j DROP
                $mangle -p tcp --dport 5 -j ACCEPT
                $mangle -m conntrack --ctstate INVALID -c 8 80 -j DROP
                """)
            let before = try await IptablesApplyTests.saved(sandbox, flavour)
            let apply = [
                "apply", "--backend", "iptables-\(flavour)", "--disable-comments",
                "--drop-invalid-packets", "--facts", "-",
            ]
            for more in [[], ["--redirect-outbound-port", "1234"]] {
                let applied = try await sandbox.tproxy(apply + more, input: ApplyTests.facts)
                #expect(applied.status == 0, "\(applied.errors)")
                #expect(try await sandbox.tproxy(["status"]).status == 0)
            }
            _ = try await sandbox.tproxy(["remove"])
            #expect(try await IptablesApplyTests.saved(sandbox, flavour) == before)
        }
    }

    /// A chain to which a foreign rule jumps can be filled again, but not removed.
    @Test(arguments: IptablesApplyTests.flavours)
    func foreignJumpToOurChainIsNamedByRemove(flavour: String) async throws {
        try await Sandbox.with { sandbox in
            let apply = ["apply", "--backend", "iptables-\(flavour)", "--facts", "-"]
            _ = try await sandbox.tproxy(apply, input: ApplyTests.facts)
            try await sandbox.shell(
                """
                iptables-\(flavour) -t nat -N USER
                iptables-\(flavour) -t nat -A USER -p tcp --dport 99 -j KUMA_MESH_OUTBOUND
                """)
            let applied = try await sandbox.tproxy(
                apply + ["--redirect-outbound-port", "1234"], input: ApplyTests.facts)
            #expect(applied.output.hasPrefix("replaced"), "\(applied.errors)")
            let before = try await IptablesApplyTests.saved(sandbox, flavour)
            let removed = try await sandbox.tproxy(["remove"])
            #expect(removed.status == 1)
            #expect(
                removed.errors.contains("-A USER -p tcp -m tcp --dport 99"), "\(removed.errors)")
            #expect(try await IptablesApplyTests.saved(sandbox, flavour) == before)
            try await sandbox.shell("iptables-\(flavour) -t nat -F USER")
            #expect(try await sandbox.tproxy(["remove"]).status == 0)
        }
    }

    @Test func nftCommandsCreateNoLegacyTable() async throws {
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(["status"])
            _ = try await sandbox.tproxy(["remove"])
            _ = try await sandbox.tproxy(["apply", "--facts", "-"], input: ApplyTests.facts)
            _ = try await sandbox.tproxy(["remove"])
            let tables = try await sandbox.shell(
                "cat /proc/self/net/ip_tables_names /proc/self/net/ip6_tables_names")
            #expect(tables.isEmpty)
        }
    }

    /// iptables-nft-save(8) exits with 0 and omits such a table.
    @Test func incompatibleTableIsReported() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                """
                nft add table ip nat
                nft 'add chain ip nat own { type nat hook output priority 5; }'
                nft add rule ip nat own counter
                """)
            let before = try await sandbox.state()
            let outcome = try await sandbox.tproxy(
                ["apply", "--backend", "iptables-nft", "--facts", "-"], input: ApplyTests.facts)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("incompatible"), "\(outcome.errors)")
            #expect(try await sandbox.state() == before)
            // It can't be determined whether there is something to remove.
            let nothing = try await sandbox.tproxy(["remove"])
            #expect(nothing.status == 1)
            #expect(nothing.output.isEmpty)
            #expect(
                nothing.errors.contains("error: can't determine whether iptables-nft"),
                "\(nothing.errors)")
            // What can be determined is removed.
            let native = try await sandbox.tproxy(
                ["apply", "--facts", "-"], input: ApplyTests.facts)
            #expect(native.status == 0, "\(native.errors)")
            let removal = try await sandbox.tproxy(["remove"])
            #expect(removal.status == 0, "\(removal.errors)")
            #expect(
                removal.errors.contains("warning: can't determine whether iptables-nft"),
                "\(removal.errors)")
            #expect(try await sandbox.state() == before)
        }
    }

    @Test func missingProgramsAreNamed() async throws {
        try await Sandbox.with { sandbox in
            // In a new mount namespace, in which the folder of the programs is empty.
            let outcome = try await sandbox.run(
                "unshare",
                [
                    "--mount", "sh", "-c",
                    "mount -t tmpfs none /usr/sbin && exec \"$0\" \"$@\"", Command.tproxy,
                    "apply", "--backend", "iptables-nft", "--facts", "-",
                ], input: ApplyTests.facts)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("[unsupported]"), "\(outcome.errors)")
            #expect(outcome.errors.contains("install iptables"))
        }
    }

    @Test(arguments: [
        ("legacy", "nft-save", "legacy-restore", "two flavours"),
        ("legacy", "nope-save", "legacy-restore", "No such file"),
        ("legacy", "legacy-save", "legacy-restore", "other flavour"),
    ])
    func programsOfDifferentFlavoursAreRefused(
        program: String, save: String, restore: String, words: String
    ) async throws {
        try await Sandbox.with { sandbox in
            let before = try await sandbox.state()
            let path = "/usr/sbin/iptables-"
            let executables =
                "iptables:\(path)\(program),iptables-save:\(path)\(save)"
                + ",iptables-restore:\(path)\(restore)"
            let outcome = try await sandbox.tproxy(
                [
                    "apply", "--backend", "iptables-nft", "--facts", "-", "--iptables-executables",
                    executables,
                ], input: ApplyTests.facts)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("iptablesExecutables"), "\(outcome.errors)")
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(try await sandbox.state() == before)
        }
    }

    /// `remove` reports it as well, and then removes nothing, not even the address.
    @Test func heldXtablesLockStopsARemovalBeforeItBegins() async throws {
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.shell(
                """
                export XTABLES_LOCKFILE=$(mktemp)
                printf '%s' '\(ApplyTests.facts)' > /tmp/facts.$$
                \(Command.tproxy) apply --backend iptables-legacy --facts /tmp/facts.$$ >/dev/null
                flock $XTABLES_LOCKFILE sleep 60 & holder=$!
                while flock --nonblock $XTABLES_LOCKFILE true; do sleep 0.01; done
                \(Command.tproxy) remove 2>&1; echo "exit $?"
                ip addr show lo; iptables-legacy-save
                kill $holder; rm /tmp/facts.$$ $XTABLES_LOCKFILE
                """)
            #expect(outcome.contains("[busy]") && outcome.contains("exit 1"), "\(outcome)")
            #expect(outcome.contains("::6/128") && outcome.contains("-j KUMA_MESH_INBOUND"))
        }
    }

    @Test func heldXtablesLockIsReportedWithItsHolder() async throws {
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.shell(
                """
                export XTABLES_LOCKFILE=$(mktemp)
                printf '%s' '\(ApplyTests.facts)' > /tmp/facts.$$
                flock $XTABLES_LOCKFILE sleep 20 & holder=$!
                while flock --nonblock $XTABLES_LOCKFILE true; do sleep 0.01; done
                \(Command.tproxy) apply --backend iptables-legacy --facts /tmp/facts.$$ --wait 1 \\
                    --max-retries 1 --sleep-between-retries 10ms 2>&1; echo "exit $?"
                kill $holder; rm /tmp/facts.$$ $XTABLES_LOCKFILE
                iptables-legacy-save | grep KUMA; true
                """)
            #expect(outcome.contains("[busy]") && outcome.contains("exit 1"), "\(outcome)")
            #expect(outcome.contains("flock") || outcome.contains("sleep"), "\(outcome)")
            #expect(!outcome.contains("KUMA_MESH_INBOUND"))
        }
    }
}
