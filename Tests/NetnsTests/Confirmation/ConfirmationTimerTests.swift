import Testing
import TproxyTestSupport

/// `apply --confirm` where systemd runs.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ConfirmationTimerTests {
    private static let prepare = SystemdMachine.writing(ApplyTests.facts, to: "/etc/facts.json")
    private static let apply =
        "tproxy apply --facts /etc/facts.json --no-preflight --redirect-outbound-port 15099"

    @Test func timerRestoresTheFormerRules() async throws {
        try await SystemdMachine.boot(preparing: Self.prepare) { machine in
            try await machine.shell("tproxy apply --facts /etc/facts.json --no-preflight")
            let state = "nft -s list ruleset; ip address show lo"
            let before = try await machine.shell(state)
            let applied = try await machine.shell("\(Self.apply) --confirm 2s")
            #expect(applied.contains("(systemd timer tproxy-rollback-"), "\(applied)")
            #expect(try await machine.shell("pgrep -f '[r]ollback --expired' || true") == "")
            try await machine.shell(
                """
                for try in $(seq 1200); do
                    ls /run/tproxy/confirm-* >/dev/null 2>&1 || exit 0; sleep 0.05
                done
                exit 1
                """)
            #expect(try await machine.shell(state) == before)
            // A confirmed change has no timer any longer.
            try await machine.shell("\(Self.apply) --confirm 10m")
            let timers = "systemctl list-timers --all --no-legend 'tproxy-rollback-*'"
            #expect(try await machine.shell(timers) != "")
            try await machine.shell("tproxy confirm")
            #expect(try await machine.shell(timers) == "")
            #expect(try await machine.shell("tproxy status").contains("intact"))
        }
    }
}
