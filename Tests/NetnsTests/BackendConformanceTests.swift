import Foundation
import Testing
import TproxyTestSupport

/// What every backend must do, as seen by the user: with the real kernel and real packets.
///
/// One suite for all of them: a new backend is a new case of `BackendUnderTest` and passes it.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct BackendConformanceTests {
    private let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]

    @Test(arguments: Scenario.all, BackendUnderTest.allCases)
    func applyStatusAndRemoveRestoreTheHost(scenario: Scenario, backend: BackendUnderTest)
        async throws
    {
        try await Sandbox.with { sandbox in
            // As in a Docker container: the iptables rules jump to Docker's chain.
            try await sandbox.shell("\(backend.iptables) -t nat -N DOCKER_OUTPUT")
            let before = try await backend.state(sandbox)
            let folder = scenario.folder.path

            let first = try await sandbox.tproxy(backend.apply + inputs, in: folder)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.hasPrefix("installed \(backend.name)"))
            let second = try await sandbox.tproxy(backend.apply + inputs, in: folder)
            #expect(second.output.hasPrefix("unchanged"), "\(second.output)\(second.errors)")
            let status = try await sandbox.tproxy(["status"])
            #expect(status.status == 0, "\(status.output)\(status.errors)")

            let removed = try await sandbox.tproxy(["remove"])
            #expect(removed.status == 0, "\(removed.errors)")
            #expect(removed.output.hasPrefix("removed \(backend.name)"))
            #expect(try await backend.state(sandbox) == before)
            let again = try await sandbox.tproxy(["remove"])
            #expect(again.output == "nothing to remove\n")
            #expect(again.status == 0)
        }
    }

    @Test(arguments: Scenario.all, BackendUnderTest.allCases)
    func everyPacketArrivesWhereExplainSays(
        scenario: Scenario, backend: BackendUnderTest
    ) async throws {
        try await Sandbox.with { sandbox in
            let before = try await backend.state(sandbox)
            let outcome = try await sandbox.tproxy(
                ["rehearse", "--backend", backend.backend] + inputs, in: scenario.folder.path)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            #expect(outcome.output.contains("all as expected"))
            #expect(try await backend.state(sandbox) == before)
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func changeByHandIsReportedAndRepaired(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let apply = backend.apply + ["--facts", "-"]
            for change in backend.changesByHand {
                _ = try await sandbox.tproxy(apply, input: ApplyTests.facts)
                try await sandbox.shell(change)
                let status = try await sandbox.tproxy(["status"])
                #expect(status.status == 2, "\(change)")
                #expect(status.output.contains("CHANGED BY HAND"), "\(status.output)")
                let repaired = try await sandbox.tproxy(apply, input: ApplyTests.facts)
                #expect(
                    repaired.output.hasPrefix("replaced"), "\(repaired.output)\(repaired.errors)")
                #expect(try await sandbox.tproxy(["status"]).status == 0)
            }
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func otherPlanReplacesTheLoadedRules(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let apply = backend.apply + ["--facts", "-"]
            _ = try await sandbox.tproxy(apply + ["--kuma-dp-user", "1"], input: ApplyTests.facts)
            let changed = try await sandbox.tproxy(
                apply + ["--redirect-outbound-port", "1234"], input: ApplyTests.facts)
            #expect(changed.output.hasPrefix("replaced"), "\(changed.errors)")
            let rules = try await backend.state(sandbox)
            #expect(rules.contains("1234") && !rules.contains("15001"))
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func statusPrintsCounters(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            _ = try await sandbox.tproxy(backend.apply + ["--facts", "-"], input: ApplyTests.facts)
            _ = try await sandbox.run("bash", ["-c", "echo > /dev/tcp/127.0.0.1/9"])
            let status = try await sandbox.tproxy(["status", "--output", "json"])
            let object = try #require(
                JSONSerialization.jsonObject(with: Data(status.output.utf8)) as? [String: Any])
            let counters = try #require(object["counters"] as? [[String: Any]])
            let jump = counters.first { $0["chain"] as? String == backend.outputChain }
            #expect(jump?["packets"] as? Int == 1, "\(status.output)")
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func foreignLoopbackAddressStays(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            try await sandbox.shell("ip -6 addr add ::6/128 dev lo nodad")
            let before = try await backend.state(sandbox)
            let apply = backend.apply + ["--facts", "-"]
            _ = try await sandbox.tproxy(apply, input: ApplyTests.facts)
            _ = try await sandbox.tproxy(apply, input: ApplyTests.facts)
            let removed = try await sandbox.tproxy(["remove"])
            #expect(!removed.output.contains("::6"))
            #expect(try await backend.state(sandbox) == before)
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func ourLoopbackAddressIsRemovedWithoutInbound(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let apply = backend.apply + ["--facts", "-"]
            _ = try await sandbox.tproxy(apply, input: ApplyTests.facts)
            #expect(try await sandbox.shell("ip addr show lo").contains("::6/128"))
            _ = try await sandbox.tproxy(
                apply + ["--redirect-inbound=false"], input: ApplyTests.facts)
            #expect(!(try await sandbox.shell("ip addr show lo")).contains("::6/128"))
        }
    }

    @Test(arguments: BackendUnderTest.allCases)
    func heldLockIsReportedWithItsHolder(backend: BackendUnderTest) async throws {
        try await Sandbox.with { sandbox in
            let before = try await backend.state(sandbox)
            let outcome = try await sandbox.shell(
                """
                TPROXY_FAULT=namespaceLock:1:stop-after \(Command.tproxy) remove >/dev/null & holder=$!
                until [ "$(cut -d' ' -f3 /proc/$holder/stat)" = T ]; do sleep 0.02; done
                printf '%s' '\(ApplyTests.facts)' |
                \(Command.tproxy) \(backend.apply.joined(separator: " ")) --facts - --wait 0 2>&1
                echo "exit $?"
                kill -CONT $holder; wait $holder
                echo "holder $holder"
                """)
            #expect(outcome.contains("[busy]") && outcome.contains("exit 1"), "\(outcome)")
            let holder = outcome.split(separator: " ").last?.dropLast() ?? ""
            #expect(outcome.contains("(process \(holder))"), "\(outcome)")
            #expect(try await backend.state(sandbox) == before)
        }
    }
}
