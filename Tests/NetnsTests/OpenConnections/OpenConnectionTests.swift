import Testing
import TproxyTestSupport

/// On a host without conntrack, the first rules meet connections that are already open.
@Suite(.enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct OpenConnectionTests {
    private struct Standing: Decodable {
        var of: Int
        var before: Int
        var tracked: Int
        var applied: OpenConnectionScript.Applied
        var after: Int
        var new: [String]
        var flushed: [String]
        var again: OpenConnectionScript.Applied
        var replaced: [String]
    }

    private struct HalfOpen: Decodable {
        var of: Int
        var applied: OpenConnectionScript.Applied
        var after: Int
    }

    private struct Storm: Decodable {
        var all: Int
        var redirected: Int
        var broken: Int
        var why: [[String]]
        var applied: OpenConnectionScript.Applied
        var kept: String
    }

    private struct Warned: Decodable {
        var of: Int
        var strict: OpenConnectionScript.Applied
        var tables: String
        var after: Int
        var applied: OpenConnectionScript.Applied
    }

    private struct Refused: Decodable {
        var applied: OpenConnectionScript.Applied
        var tracked: Int
        var after: Int
        var tables: String
    }

    private func report<Report: Decodable>(
        _ scenario: String, _ backend: BackendUnderTest, environment: [String: String] = [:]
    ) async throws -> Report {
        var report: Report?
        try await Sandbox.with { sandbox in
            report = try await OpenConnectionScript(sandbox: sandbox, backend: backend)
                .run(scenario, environment: environment)
        }
        return try #require(report)
    }

    /// Connections in both directions and of both families, whichever side sends first.
    @Test(arguments: BackendUnderTest.allCases)
    func openConnectionsContinueAfterAFirstApply(backend: BackendUnderTest) async throws {
        let report: Standing = try await report("stand", backend)
        #expect(report.before == report.of && report.tracked == 0)
        #expect(report.applied.status == 0, "\(report.applied.errors)")
        #expect(report.after == report.of, "\(report)")
        #expect(report.applied.output.contains("kept 12 open connections"), "\(report)")
        #expect(report.applied.errors.contains("12 open connections, 2 of SSH among them"))
        #expect(!report.applied.errors.contains("break"))

        // Later connections are redirected, and stay so when conntrack forgets them.
        #expect(report.new == ["P", "P", "P", "P"])
        #expect(report.flushed == ["P", "P", "P", "P"])
        #expect(report.again.output.hasPrefix("replaced"), "\(report.again)")
        #expect(!report.again.output.contains("kept"))
        #expect(report.replaced == ["P", "P", "P", "P"])
    }

    /// Connections whose SYN was sent or answered when the rules were loaded.
    @Test(arguments: BackendUnderTest.allCases)
    func halfOpenConnectionsAreEstablished(backend: BackendUnderTest) async throws {
        let report: HalfOpen = try await report("half-open", backend)
        #expect(report.applied.status == 0, "\(report.applied.errors)")
        #expect(report.of == 4 && report.after == 4, "\(report)")
    }

    /// Connections that open and close during the apply: each is redirected or not, from its first
    /// byte to its last.
    @Test(arguments: BackendUnderTest.allCases)
    func connectionsDuringApplyHaveOneServerThroughout(backend: BackendUnderTest) async throws {
        let report: Storm = try await report("storm", backend)
        #expect(report.applied.status == 0, "\(report.applied.errors)")
        #expect(report.broken == 0, "\(report)")
        #expect(report.redirected > 0 && report.redirected < report.all, "\(report)")
        #expect(report.kept == "D")
    }

    /// If connections can't be kept, there is a warning first, a separate one for SSH, and --strict
    /// refuses.
    @Test(arguments: BackendUnderTest.allCases)
    func connectionsThatCannotBeKeptAreWarnedOf(backend: BackendUnderTest) async throws {
        let report: Warned = try await report(
            "warned", backend, environment: ["TPROXY_FAULT": "conntrackRequest:1+:EINVAL"])
        for errors in [report.strict.errors, report.applied.errors] {
            #expect(errors.contains("warning: 2 open sessions on port 22 can't"), "\(errors)")
            #expect(errors.contains("warning: 10 open connections can't"), "\(errors)")
        }
        #expect(report.strict.status == 1 && report.tables.isEmpty, "\(report)")
        #expect(report.after == report.of)
        let applied = report.applied
        #expect(applied.status == 0)
        #expect(applied.errors.contains("12 open connections may be reset"), "\(applied)")
        #expect(applied.errors.contains("[connections-not-kept]"))
        #expect(!applied.output.contains("kept"))
    }

    /// Refused rules leave no conntrack entries.
    @Test func refusedRulesLeaveNoConntrackEntry() async throws {
        let report: Refused = try await report(
            "refused", .nft, environment: ["TPROXY_FAULT": "tableSubmit:1+:EPERM"])
        #expect(report.applied.status == 1)
        #expect(report.tracked == 0 && report.after == 12, "\(report)")
        #expect(report.tables.isEmpty)
    }
}
