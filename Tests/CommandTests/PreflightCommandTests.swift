import Preflight
import Testing
import TproxyTestSupport

@testable import TproxyCommands

/// The parts of the preflight that need no namespace.
@Suite struct PreflightCommandTests {
    @Test func documentContainsThePrintedReference() async throws {
        let reference = try await Command.tproxy(["preflight", "--reference"])
        let document = try String(
            contentsOf: Scenario.root.appendingPathComponent("docs/preflight.md"), encoding: .utf8)
        #expect(document.contains(reference.output))
    }

    @Test(arguments: Finding.Kind.allCases)
    func referenceHasARowForEachFinding(kind: Finding.Kind) {
        #expect(PreflightReference.text.contains("| `\(kind.rawValue)` | "))
    }

    @Test func checksWithoutPermissionAreReportedOnce() async throws {
        let outcome = try await Unprivileged.tproxy(["plan", "--kuma-dp-user", "5678"])
        #expect(outcome.status == 0)
        let lines = outcome.errors.split(separator: "\n").filter {
            $0.contains("[not-looked-at]")
        }
        #expect(lines.count == 1)
        #expect(
            lines.first?.contains("the chains of other programs (it needs CAP_NET_ADMIN)") == true)
        let silent = try await Unprivileged.tproxy(
            ["plan", "--kuma-dp-user", "5678", "--no-preflight"])
        #expect(!silent.errors.contains("[not-looked-at]"))
    }

    @Test func preflightIsSkippedForFactsFromAFile() async throws {
        let folder = try #require(Scenario.all.first).folder.path
        let outcome = try await Command.tproxy(
            ["plan", "--config", "tproxy.yaml", "--facts", "facts.json"], in: folder)
        #expect(outcome.errors.contains("[preflight-left-out]"), "\(outcome.errors)")
    }
}
