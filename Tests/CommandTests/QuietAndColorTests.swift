import Testing
import TproxyTestSupport

@testable import TproxyCommands

/// `--quiet` and `--color` on every command.
@Suite struct QuietAndColorTests {
    private static let facts = ["--facts", "rulesets/default/facts.json"]

    private func run(_ words: [String], _ environment: [String: String] = [:]) async throws
        -> Command.Outcome
    {
        try await Command.tproxy(words, environment: environment, in: Scenario.root.path)
    }

    @Test(arguments: [
        ["plan"] + facts, ["explain", "--to", "203.0.113.1:443"] + facts,
        ["facts", "--output", "text"] + facts, ["config", "show"], ["config", "check"],
        ["apply", "--dry-run", "--kuma-dp-uid", "1"] + facts,
    ])
    func quietSuccessPrintsNothing(command: [String]) async throws {
        let outcome = try await run(command + ["--quiet"])
        #expect(outcome.status == 0)
        #expect(outcome.output == "")
        #expect(outcome.errors == "")
    }

    @Test func quietFailurePrintsItsErrorsAlone() async throws {
        let outcome = try await run(
            ["config", "check", "--quiet", "--kuma-dp-uid", "1", "--wait", "soon"])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("[invalid-number]"))
        #expect(!outcome.errors.contains("[deprecated-flag]"))
    }

    /// A document is what was asked for; notes beside it are left out.
    @Test func quietLeavesDocuments() async throws {
        let rules = try await run(["plan", "--format", "nft", "--quiet"] + Self.facts)
        #expect(rules.output.contains("table inet tproxy_mesh"))
        #expect(rules.errors == "")
        let json = try await run(["plan", "--output", "json", "--quiet"] + Self.facts)
        #expect(json.output.contains("\"diagnostics\" : [\n\n"))
    }

    @Test func colourCanBeForcedAndForbidden() async throws {
        let plan = ["plan", "--full"] + Self.facts
        let auto = try await run(plan)
        #expect(!auto.output.contains("\u{1B}") && !auto.errors.contains("\u{1B}"))
        let always = try await run(plan + ["--color=always"], ["NO_COLOR": "1"])
        #expect(always.output.contains("\u{1B}[36mREDIRECTED"))
        let never = try await run(plan + ["--color", "never"])
        #expect(never.output == auto.output)
        let error = try await run(["plan", "--color", "always", "--formt", "x"])
        #expect(error.errors.hasPrefix("\u{1B}[1;31merror: "))
    }

    @Test(arguments: [
        ("plan --output json", true, false, ColorChoice.auto),
        ("plan --output=json --output text --quiet", false, true, .auto),
        ("export systemd --output json --color never", false, false, .never),
        ("plan --color=always -- --quiet --output json", false, false, .always),
        ("plan --output", false, false, .auto),
    ])
    func wordsAreReadBeforeTheCommandIs(
        line: String, isJSON: Bool, isQuiet: Bool, color: ColorChoice
    ) {
        let options = ConsoleOptions(line.split(separator: " ").map(String.init))
        #expect(options.isJSON == isJSON)
        #expect(options.isQuiet == isQuiet)
        #expect(options.color == color)
    }
}
