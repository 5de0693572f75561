import Digest
import Foundation
import Rehearsal
import RuleIR
import Testing
import TproxyTestSupport

/// A plan file is applied as it was written, or refused.
@Suite struct PlanFileTests {
    private let folder: TestFolder
    private let facts: String

    init() throws {
        folder = try TestFolder()
        facts = folder.path(of: "facts.json")
        try """
        {"proxyUser": 5678, "loopback": "lo", "resolvers": [], "hasDockerDNSChain": false,
         "ipv6": {"isUsable": true, "reason": "test"}}
        """.write(toFile: facts, atomically: true, encoding: .utf8)
    }

    /// The text of a plan file.
    private func plan(_ arguments: [String] = []) async throws -> String {
        let path = folder.path(of: "made.json")
        let made = try await Command.tproxy(
            ["plan", "--output-file", path, "--facts", facts, "--loaded", "none"] + arguments)
        #expect(made.status == 0, "\(made.errors)")
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    /// The errors of `apply` for a plan file with this text; it lacks the privilege to load rules.
    private func refusal(of text: String, _ arguments: [String] = []) async throws -> String {
        let outcome = try await Unprivileged.tproxy(
            ["apply", "--plan", "-", "--facts", facts] + arguments, input: text)
        #expect(outcome.status == 1, "\(outcome.errors)")
        #expect(outcome.output == "")
        return outcome.errors
    }

    private func facts(_ change: (String, String)) throws {
        let text = try String(contentsOfFile: facts, encoding: .utf8)
        try text.replacing(change.0, with: change.1)
            .write(toFile: facts, atomically: true, encoding: .utf8)
    }

    @Test func folderThatIsMissingCannotBeWritten() async throws {
        let outcome = try await Command.tproxy(
            ["plan", "--output-file", "/nonexistent/x", "--facts", facts, "--loaded", "none"])
        #expect(outcome.status == 1)
        #expect(
            outcome.errors.contains(
                "can't write '/nonexistent/x': its folder doesn't exist [unwritable-file]"),
            "\(outcome.errors)")
    }

    /// The document of a host without rules is as good as 'none'.
    @Test func statusWithoutRulesIsALoadedState() async throws {
        let status = folder.path(of: "status.json")
        try #"{"schema": "tproxy.status/2", "isLoaded": false, "instance": "mesh"}"#
            .write(toFile: status, atomically: true, encoding: .utf8)
        let path = folder.path(of: "p.json")
        let made = try await Command.tproxy(
            ["plan", "--output-file", path, "--facts", facts, "--loaded", status])
        #expect(made.status == 0, "\(made.errors)")
        let other = try await plan()
        #expect(try String(contentsOfFile: path, encoding: .utf8) == other)
    }

    @Test func equalPlansMakeEqualFiles() async throws {
        #expect(try await plan() == plan())
    }

    @Test(arguments: Scenario.all)
    func planFileMatchesItsSchema(scenario: Scenario) async throws {
        let path = folder.path(of: "made.json")
        for backend in ["nft", "iptables-nft"] {
            let made = try await Command.tproxy(
                ["plan", "--output-file", path, "--config", scenario.path(of: "tproxy.yaml")]
                    + ["--facts", scenario.path(of: "facts.json"), "--backend", backend])
            #expect(made.status == 0, "\(made.errors)")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(try await JSONSchemaCheck.problems(text, "plan-file-3") == "")
        }
    }

    /// Rules with matches and actions of every kind.
    @Test func randomRulesetsMatchTheSchema() async throws {
        var file = try #require(
            try JSONSerialization.jsonObject(with: Data(try await plan().utf8)) as? [String: Any])
        var made = try #require(file["ruleset"] as? [String: Any])
        let random = SeededGenerator.forTest()
        var maker = RandomRuleset(random)
        var chains: [Any] = []
        var baseChains: [Any] = []
        for _ in 0..<50 {
            let ruleset = try #require(
                try JSONSerialization.jsonObject(with: JSONEncoder().encode(maker.ruleset()))
                    as? [String: Any])
            chains += try #require(ruleset["chains"] as? [Any])
            baseChains += try #require(ruleset["baseChains"] as? [Any])
        }
        made["chains"] = chains
        made["baseChains"] = baseChains
        file["ruleset"] = made
        let text = String(
            decoding: try JSONSerialization.data(withJSONObject: file), as: UTF8.self)
        let problems = try await JSONSchemaCheck.problems(text, "plan-file-3")
        #expect(problems == "", "TPROXY_TEST_SEED=\(random.seed)")
    }

    /// The file passes every check; only the capability is missing.
    @Test func unchangedPlanPassesEveryCheck() async throws {
        let text = try await plan(["--exclude-outbound-ips", "192.0.2.0/24"])
        #expect(try await refusal(of: text).contains("[missing-capability]"))
    }

    @Test func reformattedPlanPassesEveryCheck() async throws {
        let object = try JSONSerialization.jsonObject(with: Data(try await plan().utf8))
        let text = String(
            decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        #expect(try await refusal(of: text).contains("[missing-capability]"))
    }

    @Test(arguments: [
        ("15001", "15002"), ("\"backend\" : \"nft\"", "\"backend\" : \"iptables-nft\""),
        ("\"hasComments\" : true", "\"hasComments\" : false"),
        ("\"version\" :", "\"unknown\" : 1, \"version\" :"),
    ])
    func changedPlanIsRefused(change: (String, String)) async throws {
        let text = try await plan()
        let changed = text.replacing(change.0, with: change.1)
        #expect(changed != text)
        let refusal = try await refusal(of: changed)
        #expect(refusal.contains("was changed after it was written"), "\(refusal)")
    }

    /// Wherever the file ends.
    @Test func truncatedPlanIsRefused() async throws {
        let text = try await plan()
        for length in [0, 1, 10, text.utf8.count / 2, text.utf8.count - 3] {
            let refusal = try await refusal(of: String(text.prefix(length)))
            #expect(refusal.contains("[broken-plan-file]"), "\(refusal)")
        }
    }

    @Test func anotherFormatIsRefusedByName() async throws {
        let text = try await plan().replacing("tproxy.plan-file/3", with: "tproxy.plan-file/1")
        let refusal = try await refusal(of: text)
        #expect(
            refusal.contains("is 'tproxy.plan-file/1', and this tproxy reads 'tproxy.plan-file/3'"),
            "\(refusal)")
    }

    @Test(arguments: [
        "nonsense", "[]", "{}", "null", "{\"schema\": 1}", "{\"schema\": \"tproxy.plan-file/3\"}",
        String(repeating: "[", count: 200_000), String(repeating: "{\"a\":", count: 100_000),
    ])
    func textThatIsNoPlanIsRefused(text: String) async throws {
        let refusal = try await refusal(of: text)
        #expect(refusal.contains("[broken-plan-file]"), "\(refusal)")
    }

    /// The digest guards against accidents only, so the contents are checked as well.
    @Test(arguments: [
        ("15001", "0", "is not a port"), ("15001", "70000", "70000 is not a port"),
        ("\"lo\"", "\"lo; drop\"", "is not an interface name"),
        ("\"backend\" : \"nft\"", "\"backend\" : \"pf\"", "pf"),
        ("\"OUTBOUND_REDIRECT\"", "\"OUTBOUND REDIRECT\"", "is not the name of a chain"),
        (
            "\"jump\" : \"INBOUND_REDIRECT\"", "\"jump\" : \"INBOUND\"",
            "can reach itself through its jumps"
        ),
        ("\"stage\" : \"mangle\"", "\"stage\" : \"filter\"", "ruleset.baseChains.0.stage"),
        ("\"drop\" : true", "\"fly\" : true", "exactly one member"),
        ("\"rulesDigest\" :", "\"rulesDigests\" :", "'rulesDigest' is missing"),
        (#"wait: \"5\""#, #"wait: \"-5\""#, "its configuration is wrong"),
        (#"wait: \"5\""#, #"weight: \"5\""#, "its configuration is wrong"),
    ])
    func invalidPlanWithAValidDigestIsRefused(
        change: (text: String, new: String, words: String)
    ) async throws {
        let text = try await plan(["--drop-invalid-packets"])
        let changed = text.replacing(change.text, with: change.new)
        #expect(changed != text)
        let refusal = try await refusal(of: Self.sealed(changed))
        #expect(refusal.contains("[invalid-plan-file]"), "\(refusal)")
        #expect(refusal.contains(change.words), "\(refusal)")
    }

    @Test func rulesThatThisVersionLowersDifferentlyAreRefused() async throws {
        let text = try await plan()
        let changed = text.replacing("\"hasComments\" : true", with: "\"hasComments\" : false")
        let refusal = try await refusal(of: Self.sealed(changed))
        #expect(refusal.contains("[rules-lowered-otherwise]"), "\(refusal)")
    }

    /// Computes the digest again: SHA-256 of the other members, with sorted names and no spaces.
    private static func sealed(_ text: String) throws -> String {
        var object =
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] ?? [:]
        object["sha256"] = nil
        let rest = try JSONSerialization.data(
            withJSONObject: object, options: [.sortedKeys, .withoutEscapingSlashes])
        object["sha256"] = SHA256.hexadecimal(rest)
        return String(
            decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    @Test(arguments: [
        ("5678", "5679", "proxyUser was 5678 and is 5679"),
        ("\"lo\"", "\"lo0\"", "loopback was lo and is lo0"),
        ("[]", "[\"192.0.2.53\"]", "resolvers was none and is 192.0.2.53"),
        ("true", "false", "ipv6.isUsable was true and is false"),
    ])
    func changedFactsAreRefusedByName(
        change: (text: String, new: String, words: String)
    ) async throws {
        let text = try await plan()
        try facts((change.text, change.new))
        let refusal = try await refusal(of: text)
        #expect(refusal.contains("[facts-changed]"), "\(refusal)")
        #expect(refusal.contains(change.words), "\(refusal)")
    }

    @Test(arguments: [
        ["--kuma-dp-user", "1"], ["--config", "x.yaml"], ["--redirect-dns"], ["--dry-run"],
        ["--backend", "nft"], ["--instance", "other"], ["--replace-backend"],
        ["--allow-unknown-keys"],
    ])
    func otherFlagsBesideAPlanAreRefused(arguments: [String]) async throws {
        let outcome = try await Unprivileged.tproxy(["apply", "--plan", "plan.json"] + arguments)
        #expect(outcome.status == 64)
        #expect(outcome.errors.contains(arguments[0]), "\(outcome.errors)")
    }

    @Test func planThatApplyWouldRefuseIsNotWritten() async throws {
        let path = folder.path(of: "none.json")
        let outcome = try await Command.tproxy(
            [
                "plan", "--output-file", path, "--facts", facts, "--loaded", "none",
                "--ebpf-enabled", "--backend", "nft",
            ])
        #expect(outcome.status == 1)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func loadedFileThatIsNoStatusIsRefused() async throws {
        let outcome = try await Command.tproxy(
            [
                "plan", "--output-file", folder.path(of: "x.json"), "--facts", facts, "--loaded",
                facts,
            ])
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains("[invalid-status]"), "\(outcome.errors)")
    }
}
