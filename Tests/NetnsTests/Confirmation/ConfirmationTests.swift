import Testing
import TproxyTestSupport

/// `apply --confirm`, `confirm` and `rollback`.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct ConfirmationTests {
    static let backends = ["nft", "iptables-nft", "iptables-legacy"]

    /// Rules of any backend, with foreign rules around.
    @Test(arguments: FormerRules.allCases, backends)
    func rollbackRestoresTheStateBefore(former: FormerRules, backend: String) async throws {
        try await ConfirmationHost.with { host in
            for applied in try await former.load(on: host) {
                #expect(applied.status == 0, "\(applied.errors)")
            }
            let before = try await host.state()
            let applied = try await host.apply(
                ["--backend", backend, "--replace-backend", "--confirm", "10m"], second: true)
            #expect(applied.status == 0, "\(applied.output)\(applied.errors)")
            #expect(try await host.state() != before)
            let rolledBack = try await host.tproxy(["rollback"])
            #expect(rolledBack.status == 0, "\(rolledBack.output)\(rolledBack.errors)")
            let after = try await host.state()
            #expect(after == before, "\(applied.output)\(rolledBack.output)")
            let again = try await host.tproxy(["rollback"])
            #expect(again.status == 1 && again.errors.contains("[nothing-pending]"))
        }
    }

    /// The deadline holds although the process that loaded the rules has ended.
    @Test(arguments: backends)
    func formerRulesReturnAtTheDeadline(backend: String) async throws {
        try await ConfirmationHost.with { host in
            _ = try await host.apply(["--backend", "nft"])
            let before = try await host.state()
            let applied = try await host.apply(
                ["--backend", backend, "--replace-backend", "--confirm", "2s"], second: true)
            #expect(applied.status == 0, "\(applied.output)\(applied.errors)")
            #expect(applied.output.contains("the former rules return"), "\(applied.output)")
            try await host.settle()
            #expect(try await host.state() == before)
            #expect(try await host.tproxy(["status"]).status == 0)
        }
    }

    /// One of two guards is enough.
    @Test(arguments: [0, 1])
    func formerRulesReturnAfterAGuardIsKilled(index: Int) async throws {
        try await ConfirmationHost.with { host in
            let before = try await host.state()
            let applied = try await host.apply(["--confirm", "5s"])
            #expect(applied.status == 0, "\(applied.output)\(applied.errors)")
            let guards = try await host.guards()
            #expect(guards.count == 2, "\(applied.output)")
            try await host.sandbox.shell("kill -9 \(guards[index])")
            try await host.settle()
            #expect(try await host.state() == before)
        }
    }

    @Test func confirmedRulesStay() async throws {
        try await ConfirmationHost.with { host in
            _ = try await host.apply([])
            let applied = try await host.apply(["--confirm", "10m"], second: true)
            #expect(applied.status == 0, "\(applied.errors)")
            let guards = try await host.guards()
            let after = try await host.state()
            let confirmed = try await host.tproxy(["confirm"])
            #expect(confirmed.status == 0, "\(confirmed.errors)")
            #expect(confirmed.output.hasPrefix("confirmed: the new rules stay"))
            // The guards see that the record is gone.
            try await host.sandbox.shell(
                """
                for try in $(seq 1200); do
                    [ -d /proc/\(guards[0]) ] || [ -d /proc/\(guards[1]) ] || exit 0; sleep 0.05
                done
                exit 1
                """)
            #expect(try await host.state() == after)
            _ = try await host.apply(["--confirm", "10m"])
            let json = try await host.tproxy(["confirm", "--output", "json"])
            #expect(try await JSONSchemaCheck.problems(json.output, "confirm-1") == "")
            let again = try await host.tproxy(["confirm"])
            #expect(again.status == 1 && again.errors.contains("[nothing-pending]"))
        }
    }

    /// Neither a second apply nor a removal changes what is pending; `status` shows it.
    @Test func thereIsNeverASecondPendingChange() async throws {
        try await ConfirmationHost.with { host in
            let applied = try await host.apply(["--confirm", "10m", "--output", "json"])
            #expect(try await JSONSchemaCheck.problems(applied.output, "apply-1") == "")
            #expect(applied.output.contains("\"guard\" : \"processes "), "\(applied.output)")
            let state = try await host.state()
            for command in [
                try await host.apply([], second: true),
                try await host.apply(["--confirm", "5s"], second: true),
                try await host.apply(["--instance", "other"], second: true),
                try await host.tproxy(["remove"]),
            ] {
                #expect(command.status == 1)
                #expect(command.errors.contains("[confirmation-pending]"), "\(command.errors)")
            }
            #expect(try await host.state() == state)
            let status = try await host.tproxy(["status"])
            #expect(status.status == 0)
            #expect(status.output.contains("unless 'tproxy confirm' runs"), "\(status.output)")
            let json = try await host.tproxy(["status", "--output", "json"])
            #expect(try await JSONSchemaCheck.problems(json.output, "status-2") == "")
            let rolledBack = try await host.tproxy(["rollback", "--output", "json"])
            #expect(try await JSONSchemaCheck.problems(rolledBack.output, "rollback-1") == "")
            let empty = try await host.tproxy(["status", "--output", "json"])
            #expect(!empty.output.contains("confirmation"))
        }
    }

    /// Of several at once, one is pending.
    @Test func oneOfSeveralAtOnceIsPending() async throws {
        try await Sandbox.with { sandbox in
            let apply = ["apply", "--facts", "-", "--no-preflight", "--confirm", "10m"]
            let all = try await CommandsAtOnce(
                (1...4).map { apply + ["--redirect-outbound-port", "\(15100 + $0)"] }, in: sandbox)
            #expect(all.ended.count { $0.outcome.status == 0 } == 1, "\(all)")
            #expect(all.ended.count { $0.isRefused("confirmation-pending") } == 3, "\(all)")
            let ends = try await CommandsAtOnce(
                [["confirm"], ["rollback"], ["confirm"], ["rollback"]], in: sandbox)
            #expect(ends.ended.count { $0.outcome.status == 0 } == 1, "\(ends)")
            #expect(ends.ended.count { $0.isRefused("nothing-pending") } == 3, "\(ends)")
        }
    }

    /// All guards are gone: every command says so, and `rollback` helps.
    @Test func overdueChangeIsReported() async throws {
        try await ConfirmationHost.with { host in
            let before = try await host.state()
            _ = try await host.apply(["--confirm", "10m"])
            let guards = try await host.guards()
            try await host.sandbox.shell(
                """
                kill -9 \(guards.joined(separator: " "))
                sed -i '1s/"deadline":[0-9]*/"deadline":1/' \\
                    /run/tproxy/confirm-$(stat -Lc %i /proc/self/ns/net)
                """)
            let status = try await host.tproxy(["status"])
            #expect(status.status == 2)
            #expect(status.errors.contains("[confirmation-overdue]"), "\(status.errors)")
            let applied = try await host.apply([], second: true)
            #expect(applied.status == 1 && applied.errors.contains("[confirmation-overdue]"))
            let late = try await host.tproxy(["confirm"])
            #expect(late.status == 1 && late.errors.contains("[confirmation-late]"))
            #expect(try await host.tproxy(["rollback"]).status == 0)
            #expect(try await host.state() == before)
        }
    }

    @Test func sameRulesNeedNoConfirmation() async throws {
        try await ConfirmationHost.with { host in
            _ = try await host.apply([])
            let again = try await host.apply(["--confirm", "10m"])
            #expect(again.status == 0, "\(again.errors)")
            #expect(again.output.contains("unchanged"), "\(again.output)")
            #expect(try await host.tproxy(["confirm"]).status == 1)
            #expect(try await host.apply([], second: true).status == 0)
        }
    }
}
