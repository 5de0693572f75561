import Testing
import TproxyTestSupport

/// One backend at a time, and moves from one to another and from kumactl.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct BackendSwitchTests {
    private static let backends = ["nft", "iptables-nft", "iptables-legacy"]

    private func apply(_ backend: String) -> [String] {
        ["apply", "--backend", backend, "--facts", "-"]
    }

    @Test(arguments: backends, backends)
    func backendChangesOnlyOnRequest(old: String, new: String) async throws {
        guard old != new else { return }
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(apply(old), input: ApplyTests.facts)
            let before = try await sandbox.state()
            let refused = try await sandbox.tproxy(apply(new), input: ApplyTests.facts)
            #expect(refused.status == 1)
            #expect(refused.errors.contains("[other-backend]"), "\(refused.errors)")
            #expect(try await sandbox.state() == before)

            let moved = try await sandbox.tproxy(
                apply(new) + ["--replace-backend"], input: ApplyTests.facts)
            #expect(moved.status == 0, "\(moved.errors)")
            // The address stays throughout, so there is nothing to report about it.
            #expect(!(moved.output + moved.errors).contains("::6"), "\(moved.output)")
            let status = try await sandbox.tproxy(["status"])
            #expect(status.status == 0, "\(status.errors)")
            #expect(status.errors.isEmpty)
            #expect(try await sandbox.shell("ip addr show lo").contains("::6/128"))
            let again = try await sandbox.tproxy(apply(new), input: ApplyTests.facts)
            #expect(again.output.hasPrefix("unchanged"), "\(again.output)\(again.errors)")
            _ = try await sandbox.tproxy(["remove"])
            #expect(!(try await sandbox.shell("ip addr show lo")).contains("::6/128"))
        }
    }

    /// Wherever it is killed, a backend redirects, and the same command finishes the move.
    @Test(arguments: [
        ("nft", "iptables-legacy"), ("iptables-nft", "nft"), ("iptables-legacy", "iptables-nft"),
    ])
    func killedMoveIsFinishedByTheNextApply(old: String, new: String) async throws {
        try await Sandbox.with { sandbox in
            let move = apply(new) + ["--replace-backend"]
            for count in [4, 8, 12, 16, 18, 20] {
                _ = try await sandbox.tproxy(apply(old), input: ApplyTests.facts)
                try await sandbox.killed(move, atProgram: count, input: ApplyTests.facts)
                let rules = try await sandbox.shell("nft list ruleset; iptables-legacy-save")
                #expect(rules.contains("15001"), "\(count)")
                let moved = try await sandbox.tproxy(move, input: ApplyTests.facts)
                #expect(moved.status == 0, "\(count) \(moved.errors)")
                let status = try await sandbox.tproxy(["status"])
                #expect(status.status == 0 && status.errors.isEmpty, "\(status.errors)")
                #expect(try await sandbox.shell("ip addr show lo").contains("::6/128"))
                _ = try await sandbox.tproxy(["remove"])
            }
        }
    }

    /// Loads rules of the form that kumactl makes; the tests don't need kumactl itself.
    private static func plantKumactl(_ flavour: String) -> String {
        """
        for tool in iptables ip6tables; do
            run="$tool-\(flavour) -t nat"
            $run -N KUMA_MESH_INBOUND; $run -N KUMA_MESH_OUTBOUND; $run -N KUMA_MESH_OUTBOUND_REDIRECT
            $run -A KUMA_MESH_OUTBOUND -j KUMA_MESH_OUTBOUND_REDIRECT
            $run -A KUMA_MESH_OUTBOUND_REDIRECT -p tcp -j REDIRECT --to-ports 15001
            $run -A PREROUTING -p tcp -j KUMA_MESH_INBOUND
            $run -I OUTPUT 1 -p udp -m udp --dport 53 -m owner --uid-owner 5678 \\
                -m comment --comment 'kuma/mesh/transparent/proxy/early' -j RETURN
            $run -A OUTPUT -p tcp -j KUMA_MESH_OUTBOUND
            $tool-\(flavour) -t raw -A OUTPUT -p udp --dport 53 \\
                -m comment --comment 'kuma/mesh/transparent/proxy/zone' -j CT --zone 2
        done
        """
    }

    @Test(arguments: ["nft", "legacy"])
    func kumactlsRulesAreRemovedOneByOne(flavour: String) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell(
                "iptables-\(flavour) -t nat -A OUTPUT -p tcp --dport 9 -m comment --comment 'about KUMA_MESH_OUTBOUND' -j RETURN"
            )
            let clean = try await IptablesApplyTests.saved(sandbox, flavour)
            try await sandbox.shell(Self.plantKumactl(flavour))
            let before = try await IptablesApplyTests.saved(sandbox, flavour)

            for backend in Self.backends {
                let refused = try await sandbox.tproxy(apply(backend), input: ApplyTests.facts)
                #expect(refused.status == 1)
                #expect(
                    refused.errors.contains("remove --kumactl"), "\(backend): \(refused.errors)")
            }
            let dry = try await sandbox.tproxy(["remove", "--kumactl", "--dry-run"])
            #expect(dry.output.contains("-t nat -D OUTPUT -p tcp -j KUMA_MESH_OUTBOUND"))
            #expect(!dry.output.contains("about KUMA_MESH_OUTBOUND"))
            #expect(try await IptablesApplyTests.saved(sandbox, flavour) == before)

            let removed = try await sandbox.tproxy(["remove", "--kumactl"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(removed.output == dry.output)
            #expect(try await IptablesApplyTests.saved(sandbox, flavour) == clean)
            let nothing = try await sandbox.tproxy(["remove", "--kumactl"])
            #expect(nothing.output == "no kumactl rules to remove\n")
            let applied = try await sandbox.tproxy(
                apply("iptables-\(flavour)"), input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
            let ours = try await sandbox.tproxy(["remove", "--kumactl"])
            #expect(
                ours.output == "no kumactl rules to remove\n",
                "tproxy's own rules count as kumactl's")
        }
    }

    @Test func iptablesMeansTheFlavourInUse() async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell("iptables-legacy -t nat -A OUTPUT -p tcp --dport 9 -j RETURN")
            let applied = try await sandbox.tproxy(apply("iptables"), input: ApplyTests.facts)
            #expect(
                applied.output.contains("iptables-legacy"), "\(applied.output)\(applied.errors)")
        }
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(apply("iptables"), input: ApplyTests.facts)
            #expect(applied.output.contains("iptables-nft"))
            let tables = try await sandbox.shell("cat /proc/self/net/ip_tables_names")
            #expect(tables.isEmpty)
        }
    }

    /// The programs are in no folder of the default search.
    @Test func configuredProgramsLoadAndRemove() async throws {
        try await Sandbox.with { sandbox in
            let outcome = try await sandbox.run(
                "unshare",
                [
                    "--mount", "sh", "-c",
                    """
                    set -e
                    folder=$(mktemp -d); trap 'umount $folder; rmdir $folder' EXIT
                    mount -t tmpfs none $folder
                    cp -a /usr/sbin/xtables-nft-multi $folder/
                    list=
                    for tool in iptables ip6tables; do for part in '' -save -restore; do
                        ln -s xtables-nft-multi $folder/$tool-nft$part
                        list="$list,$tool$part:$folder/$tool-nft$part"
                    done; done
                    mount -t tmpfs none /usr/sbin
                    export PATH=/usr/bin:/bin
                    programs="--iptables-executables ${list#,}"
                    "$0" apply --backend iptables-nft --no-preflight --facts - $programs
                    "$0" status $programs | head -1
                    "$0" remove $programs
                    "$0" remove $programs
                    """, Command.tproxy,
                ], input: ApplyTests.facts)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines.first?.hasPrefix("installed chains KUMA_MESH_*") == true)
            #expect(lines.contains { $0.hasPrefix("removed chains KUMA_MESH_*") })
            #expect(lines.last == "nothing to remove", "\(outcome.output)")
        }
    }

    @Test func configuredProgramsDecideTheFlavour() async throws {
        let programs = ["iptables", "ip6tables"].flatMap { tool in
            ["", "-save", "-restore"].map { "\(tool)\($0):/usr/sbin/\(tool)-legacy\($0)" }
        }.joined(separator: ",")
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(
                apply("iptables") + ["--iptables-executables", programs], input: ApplyTests.facts)
            #expect(
                applied.output.contains("iptables-legacy"), "\(applied.output)\(applied.errors)")
        }
    }
}
