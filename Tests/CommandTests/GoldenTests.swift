import Testing
import TproxyTestSupport

/// What every emitter makes of every scenario, and the generated documents.
@Suite struct GoldenTests {
    @Test(
        arguments: Scenario.all,
        [
            ("plan.txt", "text"), ("tproxy.nft", "nft"), ("tproxy.json", "nft-json"),
            ("iptables.txt", "iptables"), ("direct.xml", "firewalld"),
        ])
    func emissionsAreRecorded(scenario: Scenario, output: (file: String, format: String))
        async throws
    {
        let plan = try await Command.tproxy(
            [
                "plan", "--config", "tproxy.yaml", "--facts", "facts.json", "--format",
                output.format,
            ], in: scenario.folder.path)
        guard (scenario.name, output.format) != ("docker-dns", "firewalld") else {
            // firewalld starts before Docker and can't jump to its chain.
            #expect(plan.errors.contains("[inexpressible]"))
            return
        }
        #expect(plan.status == 0, "\(plan.errors)")
        let file = scenario.folder.appendingPathComponent(output.file)
        #expect(Golden.difference(plan.output, file) == nil)
    }

    @Test func configurationReferenceIsFresh() async throws {
        let reference = try await Command.tproxy(["config", "reference"])
        let file = Scenario.root.appendingPathComponent("docs/configuration.md")
        #expect(Golden.difference(reference.output, file) == nil)
    }

    @Test func thereAreTenScenarios() {
        #expect(Scenario.all.count >= 10)
    }
}
