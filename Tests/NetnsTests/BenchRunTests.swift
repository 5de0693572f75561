import Foundation
import Testing
import TproxyTestSupport

/// The smallest run of the benchmarks measures everything that its report has.
@Suite(.serialized, .enabled(if: PrivateNamespace.isHere || PrivateNamespace.isRequired))
struct BenchRunTests {
    private static let program =
        Scenario.root.appendingPathComponent(".build/debug/TproxyBench").path
    private static let inputs = [
        "--program", Command.tproxy, "--plugin", Command.plugin, "--facts",
        Scenario.root.appendingPathComponent("rulesets/default/facts.json").path,
    ]

    @Test func quickRunWritesACompleteReport() async throws {
        try PrivateNamespace.require()
        let folder = try TestFolder()
        let report = folder.path(of: "bench.json")
        let outcome = try await Command.run(
            Self.program,
            ["--quick", "--sizes", "0,3", "--rounds", "1", "--json", report] + Self.inputs)
        // 2: a debug build misses bars.
        #expect(outcome.status == 0 || outcome.status == 2, "\(outcome.errors)")
        let text = try String(contentsOfFile: report, encoding: .utf8)
        #expect(try await JSONSchemaCheck.problems(text, "bench-1") == "")
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let entries = try #require(document["applying"] as? [[String: Any]])
        // Six contenders in two cases without exclusions, and in three with; one in the first alone.
        #expect(entries.count == 32)
        #expect(entries.allSatisfy { $0["runs"] as? Int == 1 && $0["stopped"] as? Bool == false })
        #expect(outcome.output.contains("| 1a "))
        for bar in ["7a", "7b", "7c", "8a", "8b", "8c", "8d"] {
            #expect(outcome.output.contains("| \(bar) "))
        }
    }

    @Test func benchmarkLeavesTheNamespaceUnchanged() async throws {
        try PrivateNamespace.require()
        let before = try await Command.run("nft", ["list", "ruleset"])
        let outcome = try await Command.run(
            Self.program, ["startup", "--quick", "--rounds", "1"] + Self.inputs)
        // 2: a debug build misses bars.
        #expect(outcome.status == 0 || outcome.status == 2, "\(outcome.errors)")
        for bar in ["6a", "6b", "6c", "6d"] { #expect(outcome.output.contains("| \(bar) ")) }
        let after = try await Command.run("nft", ["list", "ruleset"])
        #expect(before.output == after.output)
    }
}
