import Foundation
import Testing
import TproxyTestSupport

/// Programs that fail.
///
/// They are fakes around the real ones, because the test kernel has every module.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct IptablesFaultTests {
    /// Runs a fake before the real program of this name; `body` has its input in `$input`.
    private func apply(
        _ sandbox: Sandbox, _ name: String, _ body: String, _ more: [String] = []
    ) async throws -> Command.Outcome {
        let fakes = try FakePrograms()
        try fakes.add(
            name,
            """
            input=$(cat)
            \(body)
            printf '%s\\n' "$input" | \(fakes.real)/\(name) "$@"
            """)
        return try await fakes.run(
            sandbox, [Command.tproxy, "apply", "--backend", "iptables-nft", "--facts", "-"] + more,
            input: ApplyTests.facts)
    }

    @Test(arguments: [false, true])
    func refusalOfTheSecondFamilyUndoesTheFirst(isFirstTime: Bool) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell("iptables-nft -t nat -A OUTPUT -p tcp --dport 7 -j RETURN")
            if !isFirstTime {
                _ = try await sandbox.tproxy(
                    ["apply", "--backend", "iptables-nft", "--facts", "-"],
                    input: ApplyTests.facts)
            }
            let before = try await IptablesApplyTests.saved(sandbox, "nft")
            let outcome = try await apply(
                sandbox, "ip6tables-nft-restore",
                """
                case "$* $input" in *--test*|*KUMA_MESH_PROBE*) ;; *KUMA_MESH_TPROXY*) \
                case "$input" in *15099*) echo "line 7 failed" >&2; exit 1;; esac;; esac
                """, ["--redirect-outbound-port", "15099"])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("[kernel-refused]"), "\(outcome.errors)")
            #expect(try await IptablesApplyTests.saved(sandbox, "nft") == before)
            if !isFirstTime {
                #expect(try await sandbox.tproxy(["status"]).status == 0)
            }
        }
    }

    /// iptables-nft exits with 4, as for a concurrent change by another program.
    @Test(arguments: [1, 4])
    func missingModuleIsNamedBeforeAnythingChanges(_ status: Int) async throws {
        try await Sandbox.with { sandbox in
            let before = try await IptablesApplyTests.saved(sandbox, "nft")
            let outcome = try await apply(
                sandbox, "iptables-nft-restore",
                "case \"$input\" in *--uid-owner*) echo 'Extension owner revision 0 not supported, missing kernel module?' >&2; exit \(status);; esac"
            )
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("match 'owner'"), "\(outcome.errors)")
            #expect(outcome.errors.contains("CONFIG_NETFILTER_XT_MATCH_OWNER"))
            #expect(outcome.errors.contains("modules xt_owner and nft_compat"))
            #expect(
                outcome.errors.contains("from kumaDPUser")
                    || outcome.errors.contains("from redirect."))
            #expect(try await IptablesApplyTests.saved(sandbox, "nft") == before)
        }
    }
}
