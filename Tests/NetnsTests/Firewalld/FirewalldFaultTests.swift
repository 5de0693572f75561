import FaultPoints
import Rehearsal
import Testing
import TproxyTestSupport

/// Faults of a change that a running firewalld loads: file, kernel and address change together.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct FirewalldFaultTests {
    private static let export = ["export", "firewalld", "--reload", "--facts", "-"]
    private static let removal = ["export", "firewalld", "--remove", "--reload"]
    /// Each takes one or two reloads.
    private static let sample = 6

    private static let foreign = """
        <direct>
          <rule ipv="ipv4" table="nat" chain="OUTPUT" priority="0">-p tcp --dport 9 -j RETURN</rule>
        </direct>

        """

    @Test(arguments: [export, removal])
    func randomFaultsLeaveFileKernelAndAddressInStep(command: [String]) async throws {
        try await FirewalldRig.with(.nftables) { rig in
            try await rig.write(Self.foreign)
            try await rig.start()
            let bare = try await Self.state(rig)
            let old = try await Self.make(Self.opposite(of: command), rig)
            let new = try await Self.make(command, rig, ["TPROXY_FAULT_TRACE": "/run/trace"])
            #expect(bare == (command == Self.export ? old : new))
            let trace = try await rig.host.shell("cat /run/trace")
            _ = try await Self.make(Self.opposite(of: command), rig)

            var generator = SeededGenerator.forTest()
            let seed = generator.seed
            let requests = SystemStep.counts(inTrace: trace)
                .filter { $0.step.faults.changes && $0.step != .print }
                .flatMap { $0.step.requests(passed: $0.count) }
            for request in requests.shuffled(using: &generator).prefix(Self.sample) {
                let outcome = try await Self.attempt(request, command, rig, old: old, new: new)
                #expect(outcome.breach == nil, "seed \(seed): \(outcome)")
            }
        }
    }

    private static func attempt(
        _ request: String, _ command: [String], _ rig: FirewalldRig, old: String, new: String
    ) async throws -> FaultOutcome {
        let ran = try await rig.host.tproxy(
            command, environment: ["TPROXY_FAULT": request], input: ApplyTests.facts)
        let now = try await state(rig)
        var outcome = FaultOutcome(
            request: request, status: Int(ran.status),
            state: now == old ? .old : now == new ? .new : .between, complaints: [],
            words: ran.output + ran.errors + (now == old ? "" : now))
        guard outcome.state != .old else { return outcome }
        if try await make(command, rig) != new { outcome.complaints.append("healed-to-other") }
        if try await make(opposite(of: command), rig) != old {
            outcome.complaints.append("something-left")
        }
        return outcome
    }

    private static func opposite(of command: [String]) -> [String] {
        command == export ? removal : export
    }

    /// Runs a command that must succeed; returns the state afterwards.
    private static func make(
        _ command: [String], _ rig: FirewalldRig, _ environment: [String: String] = [:]
    ) async throws -> String {
        let ran = try await rig.host.tproxy(
            command, environment: environment, input: ApplyTests.facts)
        #expect(ran.status == 0, "\(command): \(ran.errors)")
        return try await state(rig)
    }

    private static func state(_ rig: FirewalldRig) async throws -> String {
        let files = try await rig.host.shell(
            """
            cd /etc/firewalld; cat direct.xml
            stat -c '%A %U %G %n' direct.xml .direct.xml.tproxy-* 2>/dev/null | sed 's/tproxy-.*/LEFT/'
            ip address show lo | sed 's/[0-9]*sec/limited/g'
            """)
        return try await rig.state() + "\n" + files + (try await rig.savedRules())
    }
}
