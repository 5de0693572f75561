import Testing
import TproxyTestSupport

/// Twenty commands that write the same systemd unit at once.
///
/// In a mount namespace in which the program has a path that a unit may name.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ManyUnitsTests {
    @Test func concurrentUnitExportsLeaveOneWholeUnit() async throws {
        let outcome = try await Command.run(
            "unshare",
            [
                "--mount", "bash", "-euc",
                """
                mount -t tmpfs tmpfs /mnt
                cp \(Command.tproxy) /mnt/tproxy
                mkdir /mnt/written
                export_port() {
                    /mnt/tproxy export systemd --kuma-dp-user 1 --redirect-outbound-port $1 --output $2
                }
                running=
                for number in $(seq 20); do
                    export_port $((number % 4 + 1)) /mnt/written/unit >/dev/null 2>&1 &
                    running="$running $!"
                done
                for one in $running; do wait $one; done
                ls -A /mnt/written
                for port in 1 2 3 4; do
                    export_port $port - 2>/dev/null | cmp -s - /mnt/written/unit && echo same
                done
                true
                """,
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == "unit\nsame\n", "\(outcome.output)")
    }
}
