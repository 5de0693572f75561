import Foundation
import JSON
import Testing
import TproxyTestSupport

/// `diff --from --to` and the packets that plans treat differently.
@Suite struct PlanDifferenceTests {
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        for (name, text) in [
            ("a", "redirect: {inbound: {excludePorts: [8080]}}\n"),
            ("b", "redirect: {inbound: {excludePorts: [8080, 22]}}\n"),
            ("c", "redirect: {inbound: {excludePorts: [8080]}}\nlog: {enabled: true}\n"),
        ] {
            try text.write(
                toFile: folder.path(of: "\(name).yaml"), atomically: true, encoding: .utf8)
        }
    }

    private func diff(
        _ from: String, _ to: String, _ more: [String] = []
    ) async throws -> Command.Outcome {
        let facts = try #require(Scenario.all.first { $0.name == "default" }).path(of: "facts.json")
        return try await Command.tproxy(
            ["diff", "--from", "\(from).yaml", "--to", "\(to).yaml", "--facts", facts] + more,
            in: folder.path(of: "."))
    }

    @Test(arguments: ["nft", "iptables-nft", "iptables-legacy"])
    func twoFilesAreComparedWithoutPrivileges(backend: String) async throws {
        let outcome = try await diff("a", "b", ["--backend", backend])
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(
            outcome.output.contains(
                """
                traffic that changes
                  incoming TCP to port 22: redirected to 15006 → not redirected
                      such as in tcp to=203.0.113.1:22 on=eth0
                """), "\(outcome.output)")
        let back = try await diff("b", "a", ["--backend", backend])
        #expect(
            back.output.contains("incoming TCP to port 22: not redirected → redirected to 15006"))
    }

    @Test func equalFilesAreTheSame() async throws {
        let outcome = try await diff("a", "a")
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("are the same"))
        #expect(outcome.output.contains("no packet is treated differently"))
    }

    @Test func rulesThatOnlyLogTreatNoPacketDifferently() async throws {
        let outcome = try await diff("a", "c")
        #expect(outcome.status == 2)
        #expect(outcome.output.contains("no packet is treated differently"), "\(outcome.output)")
    }

    @Test func documentMatchesItsSchema() async throws {
        let outcome = try await diff("a", "b", ["--output", "json"])
        #expect(outcome.status == 2)
        #expect(try await JSONSchemaCheck.problems(outcome.output, "diff-2") == "")
        let changes = try JSONValue(parsing: outcome.output)["traffic"]?["changes"]?.array
        #expect(changes?.first?["pattern"]?.string == "incoming TCP to port 22")
        #expect(changes?.count == 1)
    }

    @Test(arguments: [
        ["--from", "a.yaml"], ["--to", "a.yaml"],
        ["--from", "a.yaml", "--to", "b.yaml", "--config", "c.yaml"],
        ["--from", "a.yaml", "--to", "b.yaml", "--format", "nft-json"],
    ])
    func conflictingOptionsAreUsageErrors(words: [String]) async throws {
        let outcome = try await Command.tproxy(["diff"] + words, in: folder.path(of: "."))
        #expect(outcome.status == 64, "\(outcome.errors)")
    }

    /// The summary says it already, so that the list is for those who ask for everything.
    @Test func planListsWhatChangesOnAnEmptyHostOnRequest() async throws {
        let scenario = try #require(Scenario.all.first { $0.name == "default" })
        let inputs = ["plan", "--config", "tproxy.yaml", "--facts", "facts.json"]
        let change = "incoming TCP: not redirected → redirected to 15006"
        let full = try await Command.tproxy(inputs + ["--full"], in: scenario.folder.path)
        #expect(full.output.contains(change), "\(full.output)")
        let brief = try await Command.tproxy(inputs, in: scenario.folder.path)
        #expect(!brief.output.contains(change))
        #expect(
            brief.output.contains("traffic that changes: all that the summary says is redirected"),
            "\(brief.output)")
    }
}
