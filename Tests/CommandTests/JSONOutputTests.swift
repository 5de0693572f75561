import Foundation
import Testing
import TproxyTestSupport

/// With `--output json`, a run prints one document on stdout and nothing else, whatever happens.
@Suite struct JSONOutputTests {
    private struct Document: Decodable {
        struct Diagnostic: Decodable {
            var severity: String
            var id: String
            var place: String?
            var remedy: String?
        }
        var schema: String
        var exitStatus: Int?
        var diagnostics: [Diagnostic]
    }

    private func document(_ outcome: Command.Outcome) throws -> Document {
        #expect(outcome.errors == "")
        return try JSONDecoder().decode(Document.self, from: Data(outcome.output.utf8))
    }

    @Test(arguments: [
        ("plan --formt nft --output json", 64, "unknown-option"),
        ("plna --output=json", 64, "unknown-command"),
        ("help nosuch --output json", 64, "unknown-command"),
        ("--output json", 64, "unknown-option"),
        ("explain --output json", 64, "usage"),
        ("status --output json --color blue", 64, "invalid-argument"),
        ("plan --output json --redirect-dns-port 70000", 1, "port-out-of-range"),
        ("apply --output json --redirect-dns-port 70000", 1, "port-out-of-range"),
        ("plan --output json --config /nonexistent", 1, "unreadable-file"),
        ("config check --output json --wait soon", 1, "invalid-number"),
        (
            "apply --output json --kuma-dp-user 1 --ebpf-enabled --backend nft", 1,
            "backend-conflict"
        ),
        ("rehearse --output json --kuma-dp-user no-such-user", 1, "unknown-user"),
    ])
    func failuresAreDocuments(line: String, status: Int32, id: String) async throws {
        let outcome = try await Command.tproxy(line.split(separator: " ").map(String.init))
        #expect(outcome.status == status)
        let document = try document(outcome)
        #expect(document.schema == "tproxy.failure/1")
        #expect(document.exitStatus == Int(status))
        let error = try #require(document.diagnostics.first { $0.severity == "error" })
        #expect(error.id == id)
        #expect(error.remedy?.isEmpty == false)
        #expect(try await JSONSchemaCheck.problems(outcome.output, "failure-1") == "")
    }

    @Test func problemsOfAFileHaveTheirPlaces() async throws {
        let outcome = try await Command.tproxy(
            ["config", "check", "--output", "json", "--config", "-"],
            input: "wait: soon\nredirect: {outbound: {prt: 1}}\n")
        let document = try document(outcome)
        #expect(
            Set(document.diagnostics.compactMap(\.place)) == ["<stdin>:1:7", "<stdin>:2:23"])
        #expect(document.diagnostics.allSatisfy { $0.remedy != nil })
    }

    @Test func warningsAndNotesAreInTheDocument() async throws {
        let outcome = try await Command.tproxy(
            [
                "plan", "--output", "json", "--facts", "facts.json", "--kuma-dp-uid", "5678",
            ], in: try Self.scenario.folder.path)
        #expect(outcome.status == 0)
        let document = try document(outcome)
        #expect(document.schema == "tproxy.plan/2")
        #expect(
            document.diagnostics.map(\.id).contains("deprecated-flag")
                && document.diagnostics.map(\.id).contains("preflight-left-out"))
    }

    @Test func manyProblemsAreCounted() async throws {
        let ports = (0..<150).map { _ in "70000" }.joined(separator: ",")
        let outcome = try await Command.tproxy(
            ["config", "check", "--output", "json", "--exclude-inbound-ports", ports])
        let document = try document(outcome)
        #expect(document.diagnostics.count == 101)
        #expect(document.diagnostics.last?.id == "more-diagnostics")
    }

    @Test(arguments: [
        (["config", "check"], "check-1"), (["apply", "--dry-run"], "plan-2"),
        (["explain", "--to", "203.0.113.1:443"], "explain-1"), (["facts"], "facts-1"),
    ])
    func successesMatchTheirSchemas(command: [String], schema: String) async throws {
        let facts = command.first == "config" ? [] : ["--facts", "facts.json"]
        let outcome = try await Command.tproxy(
            command + facts + ["--output", "json"], in: try Self.scenario.folder.path)
        #expect(outcome.status == 0, "\(outcome.output)")
        _ = try document(outcome)
        #expect(try await JSONSchemaCheck.problems(outcome.output, schema) == "")
    }

    /// Facts that were printed with `--output json` are facts.
    @Test func factsWithDiagnosticsCanBeRead() async throws {
        let folder = try Self.scenario.folder.path
        let facts = try await Command.tproxy(
            ["facts", "--facts", "facts.json", "--output", "json"], in: folder)
        #expect(facts.output.contains("\"diagnostics\""))
        let plain = try await Command.tproxy(["facts", "--facts", "-"], input: facts.output)
        #expect(plain.status == 0, "\(plain.errors)")
        #expect(!plain.output.contains("\"diagnostics\""))
        let text = try await Command.tproxy(
            ["facts", "--facts", "facts.json", "--output", "text"], in: folder)
        #expect(text.output.hasPrefix("FACT "))
        #expect(text.output.contains("proxy user"))
    }

    /// A document of another form isn't mixed with JSON.
    @Test func diagnosticsOfOtherDocumentsGoToStderr() async throws {
        let outcome = try await Command.tproxy(
            ["plan", "--format", "nft", "--facts", "facts.json"],
            in: try Self.scenario.folder.path)
        #expect(outcome.status == 0)
        #expect(!outcome.output.contains("\"schema\""))
        #expect(outcome.errors.contains("[preflight-left-out]"))
    }

    /// The name of an exported file says nothing about the form of the output.
    @Test func outputOfAnExportIsAFile() async throws {
        let folder = try TestFolder()
        let outcome = try await Command.tproxy(
            ["export", "systemd", "--output", "json", "--kuma-dp-user", "x y"],
            in: folder.url.path)
        #expect(outcome.status == 1)
        #expect(outcome.output == "")
        #expect(outcome.errors.contains("error: "))
    }

    @Test func exitInsideALibraryIsADocument() async throws {
        let outcome = try await Command.tproxy(
            ["plan", "--kuma-dp-user", "1", "--output", "json"],
            environment: ["TPROXY_FAULT": "interfaceList:1:exit"])
        #expect(outcome.status == 1)
        #expect(try document(outcome).diagnostics.map(\.id) == ["ended-by-library"])
        #expect(try await JSONSchemaCheck.problems(outcome.output, "failure-1") == "")
    }

    private static var scenario: Scenario {
        get throws { try #require(Scenario.all.first { $0.name == "default" }) }
    }
}
