import Foundation
import Testing
import TproxyTestSupport

/// The emissions of every scenario, and the generated documents.
@Suite struct GoldenTests {
    @Test(
        arguments: Scenario.all,
        [
            ("plan.txt", "text"), ("tproxy.nft", "nft"), ("tproxy.json", "nft-json"),
            ("iptables.txt", "iptables"), ("direct.xml", "firewalld"),
        ])
    func emissionsMatchTheGoldens(scenario: Scenario, output: (file: String, format: String))
        async throws
    {
        let plan = try await outcome(in: scenario.folder, format: output.format)
        guard (scenario.name, output.format) != ("docker-dns", "firewalld") else {
            // firewalld starts before Docker and can't jump to its chain.
            #expect(plan.errors.contains("[inexpressible]"))
            return
        }
        #expect(plan.status == 0, "\(plan.errors)")
        let file = scenario.folder.appendingPathComponent(output.file)
        #expect(Golden.difference(plan.output, file) == nil)
    }

    /// The programs, or the refusal of rules that sockets can't express.
    @Test(arguments: Scenario.all, [("ebpf.txt", "ebpf"), ("ebpf.json", "ebpf-json")])
    func programsMatchTheGoldens(scenario: Scenario, output: (file: String, format: String))
        async throws
    {
        let plan = try await outcome(in: scenario.folder, format: output.format)
        guard plan.status == 0 else { return try Self.expectRefusal(of: scenario, plan) }
        #expect(!Self.refusedByPrograms.keys.contains(scenario.name))
        let file = scenario.folder.appendingPathComponent(output.file)
        #expect(Golden.difference(plan.output, file) == nil)
        if output.format == "ebpf-json" {
            #expect(try await JSONSchemaCheck.problems(plan.output, "ebpf-1") == "")
        }
    }

    /// The scenarios with rules for more than sockets, and their keys.
    private static let refusedByPrograms = [
        "everything": "dropInvalidPackets", "log-drop-invalid": "dropInvalidPackets",
        "vnet": "redirect.vnet.networks",
    ]

    private static func expectRefusal(of scenario: Scenario, _ plan: Command.Outcome) throws {
        let key = try #require(refusedByPrograms[scenario.name], "\(plan.errors)")
        #expect(plan.errors.contains(key) && plan.errors.contains("--backend nft"))
        #expect(plan.output.isEmpty)
    }

    @Test func theDiagramOfTheProgramsMatchesTheGolden() async throws {
        let folder = Scenario.root.appendingPathComponent("rulesets/default")
        let picture = try await plan(in: folder, format: "mermaid", ["--backend", "ebpf"])
        #expect(
            Golden.difference(picture, folder.appendingPathComponent("flow-ebpf.mmd")) == nil)
    }

    /// Diagrams of the smallest and of the largest configuration.
    @Test(
        arguments: ["default", "everything"],
        [("flow.mmd", "mermaid"), ("flow.dot", "dot"), ("flow.svg", "svg")])
    func diagramsMatchTheGoldens(name: String, output: (file: String, format: String)) async throws
    {
        let folder = Scenario.root.appendingPathComponent("rulesets/\(name)")
        let picture = try await plan(in: folder, format: output.format)
        #expect(Golden.difference(picture, folder.appendingPathComponent(output.file)) == nil)
    }

    @Test func readmeShowsTheDiagramOfTheDefault() async throws {
        let picture = try await plan(
            in: Scenario.root.appendingPathComponent("rulesets/default"), format: "mermaid")
        let file = Scenario.root.appendingPathComponent("README.md")
        let readme = try String(contentsOf: file, encoding: .utf8)
        let fence = "```mermaid\n"
        let start = try #require(readme.range(of: fence)?.upperBound)
        let end = try #require(readme.range(of: "```", range: start..<readme.endIndex)?.lowerBound)
        let shown = readme.replacingCharacters(in: start..<end, with: picture)
        #expect(Golden.difference(shown, file) == nil)
    }

    private func plan(
        in folder: URL, format: String, _ options: [String] = []
    ) async throws -> String {
        let plan = try await outcome(in: folder, format: format, options)
        #expect(plan.status == 0, "\(plan.errors)")
        return plan.output
    }

    private func outcome(
        in folder: URL, format: String, _ options: [String] = []
    ) async throws -> Command.Outcome {
        try await Command.tproxy(
            ["plan", "--config", "tproxy.yaml", "--facts", "facts.json", "--format", format]
                + (format == "text" ? ["--full"] : []) + options, in: folder.path)
    }

    @Test func configurationReferenceMatchesTheDocument() async throws {
        let reference = try await Command.tproxy(["config", "reference"])
        let file = Scenario.root.appendingPathComponent("docs/configuration.md")
        #expect(Golden.difference(reference.output, file) == nil)
    }

    @Test func thereAreAtLeastTenScenarios() {
        #expect(Scenario.all.count >= 10)
    }
}
