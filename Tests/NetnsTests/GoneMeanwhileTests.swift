import Foundation
import Testing
import TproxyTestSupport

/// Rules that another program removes between two requests to the kernel.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct GoneMeanwhileTests {
    /// Which of the kernel's answers list the table's chains, rules and sets, two for each.
    ///
    /// Earlier ones have the number of its rules and its identity, and for `diff` all chains.
    private static let answers =
        (5...9).map { ($0, ["status"]) } + (10...14).map { ($0, ["diff", "--facts", "-"]) }

    @Test(arguments: answers)
    func rulesRemovedDuringAReadingAreReadAgain(answer: Int, command: [String]) async throws {
        try await Sandbox.with { sandbox in
            let applied = try await sandbox.tproxy(
                ["apply", "--facts", "-"], input: ApplyTests.facts)
            #expect(applied.status == 0, "\(applied.errors)")
            let fault = "netlinkReceive:\(answer):ENOENT"
            let trace = try TestFolder()
            let whole = try await sandbox.tproxy(
                command, environment: ["TPROXY_FAULT_TRACE": trace.path(of: "trace")],
                input: ApplyTests.facts)
            #expect(whole.status == 0, "\(whole.errors)")
            let steps = try String(contentsOfFile: trace.path(of: "trace"), encoding: .utf8)
            try #require(steps.contains("netlinkReceive:\(answer)"), "\(steps)")
            let read = try await sandbox.tproxy(
                command, environment: ["TPROXY_FAULT": fault], input: ApplyTests.facts)
            #expect(read.status == 0, "\(read.output)\(read.errors)")
        }
    }
}
