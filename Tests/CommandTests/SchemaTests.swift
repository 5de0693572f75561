import Testing
import TproxyTestSupport

/// The documents that commands print match docs/schemas.
@Suite struct SchemaTests {
    @Test(
        arguments: Scenario.all,
        [
            (["plan", "--output", "json"], "plan-2"), (["facts"], "facts-1"),
            (["config", "show", "--output", "json"], "settings-1"),
        ])
    func documentsMatchTheirSchemas(scenario: Scenario, command: (words: [String], schema: String))
        async throws
    {
        let inputs = ["--config", "tproxy.yaml"]
        let facts = command.words.first == "config" ? [] : ["--facts", "facts.json"]
        let outcome = try await Command.tproxy(
            command.words + inputs + facts, in: scenario.folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(try await JSONSchemaCheck.problems(outcome.output, command.schema) == "")
    }

    /// The check can fail.
    @Test func schemaCheckRejectsAnotherDocument() async throws {
        let problems = try await JSONSchemaCheck.problems(
            #"{"schema": "tproxy.plan/3", "colour": 1}"#, "plan-2")
        #expect(problems.contains("tproxy.plan/2") && problems.contains("colour"))
    }
}
