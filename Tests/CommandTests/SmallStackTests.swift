import Foundation
import Testing
import TproxyTestSupport

/// No text exhausts a reader's stack of 256 KiB: each is read or refused.
@Suite struct SmallStackTests {
    struct Shape: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String

        init(
            _ name: String, _ head: String, _ unit: String, _ count: Int, _ tail: String = "",
            closing: String = ""
        ) {
            testDescription = "\(name), \(count) times"
            let whole =
                head + String(repeating: unit, count: count) + tail
                + String(repeating: closing, count: count)
            text = String(decoding: whole.utf8.prefix(1 << 20), as: UTF8.self)
        }

        init(_ name: String, _ text: String) {
            testDescription = name
            self.text = text
        }
    }

    private static let depths = [5_000, 200_000]

    private static let nested = depths.flatMap { depth in
        [
            Shape("flow mappings", "", "{\"a\":", depth, "1", closing: "}"),
            Shape("flow lists", "", "[", depth, closing: "]"),
            Shape("flow lists that stay open", "a: ", "[", depth),
            Shape("lists and mappings", "", "[{a: ", depth),
            Shape("lists with a key", "? ", "[? ", depth),
            Shape("lists in blocks", "", "- ", depth, "a"),
            Shape("explicit keys", "", "? ", depth, "a"),
            Shape("values without keys", "", ": ", depth, "a"),
            Shape("blocks of all kinds", "", "- ? : ", depth, "a"),
            Shape("lines of flow lists", "", "[\n", depth),
            Shape("anchors", "a: ", "&a [", depth),
            Shape("tags", "a: ", "!!seq [", depth),
            Shape("quotes", "", "[\"[\",", depth),
            Shape("lists in facts", "{\"ipv6\":", "[", depth, closing: "]"),
            Shape(
                "expressions of nft", "{\"nftables\":[{\"rule\":{\"expr\":", "[{\"set\":", depth,
                "1",
                closing: "}]"),
            Shape("elements", "<direct>", "<rule>", depth, closing: "</rule>"),
            Shape("elements that stay open", "", "<a>", depth),
            Shape("negations", "*nat\n-A OUTPUT ", "! ", depth, "-j RETURN\nCOMMIT\n"),
        ]
    }

    private static let linked = [
        Shape(
            "indented lines",
            (0..<1_400).map { String(repeating: " ", count: $0) + "a:\n" }.joined()),
        Shape(
            "aliases of aliases",
            (1..<90).reduce("k0: &x0 [1]\n") { text, number in
                text + "k\(number): &x\(number) [[[[[*x\(number - 1)]]]]]\n"
            }),
        Shape(
            "merge keys",
            (1..<90).reduce("k0: &x0 {a: 1}\n") { text, number in
                text + "k\(number): &x\(number) {<<: *x\(number - 1)}\n"
            }),
        Shape(
            "chains that jump to each other",
            "*nat\n:OUTPUT ACCEPT [0:0]\n" + (0..<9_000).map { ":C\($0) - [0:0]\n" }.joined()
                + "-A OUTPUT -j C0\n"
                + (0..<8_999).map { "-A C\($0) -j C\($0 + 1)\n" }.joined() + "COMMIT\n"),
    ]

    @Test(arguments: nested + linked)
    func deepInputIsReadOrRefused(shape: Shape) async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "shape")
        try shape.text.write(toFile: file, atomically: false, encoding: .utf8)
        let facts = Scenario.root.appendingPathComponent("rulesets/default/facts.json").path
        // Every reader gets every text, so that one of them reads beyond its first character.
        let readers: [[String]] = [
            ["config", "check", "--allow-unknown-keys", "--config", file],
            ["plan", "--format", "nft", "--facts", file],
            ["apply", "--plan", file],
            ["plan", "--format", "firewalld", "--facts", facts, "--against", file],
            ["explain", "--ruleset", file, "--to", "203.0.113.1:443"],
            ["explain", "--facts", facts, "--packets", file],
            ["plan", "--facts", facts, "--loaded", file, "--output-file", folder.path(of: "plan")],
        ]
        let folderText = folder.path(of: ".")
        for reader in readers {
            let outcome = try await Command.run(
                "sh", ["-c", "ulimit -s 256; exec \"$0\" \"$@\"", Command.tproxy] + reader,
                in: folderText)
            #expect(
                [0, 1, 2, 64].contains(outcome.status),
                "\(reader): \(outcome.status) \(outcome.errors.prefix(500))")
        }
    }

    @Test(arguments: [
        (["config", "check", "--config", "-"], "[nested-too-deep]"),
        (["plan", "--facts", "-"], "[invalid-facts]"), (["apply", "--plan", "-"], "nested deeper"),
        (["explain", "--to", "10.0.0.1:80", "--ruleset", "-"], "nested deeper"),
    ])
    func tooDeepNestingIsNamedInTheError(arguments: [String], words: String) async throws {
        let text =
            String(repeating: "{\"a\":", count: 5_000) + "1" + String(repeating: "}", count: 5_000)
        let outcome = try await Command.tproxy(arguments, input: text)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(words), "\(outcome.errors.prefix(500))")
    }

    /// Brackets in a comment or in quotes don't count.
    @Test func bracketsInCommentsAndQuotesDontNest() async throws {
        let brackets = String(repeating: "[", count: 1_000)
        let outcome = try await Command.tproxy(
            ["config", "check", "--config", "-"],
            input:
                "# \(brackets)\nkumaDPUser: \"1\" # \(brackets)\nredirect: {dns: {resolvConfigPath: '/\(brackets)'}}\n"
        )
        #expect(outcome.status == 0, "\(outcome.errors.prefix(500))")
    }
}
