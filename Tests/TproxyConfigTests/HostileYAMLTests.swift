import Testing
import TproxyConfigYAML
import TproxyTestSupport

/// Texts that break parsers are refused with a diagnostic, quickly and without a crash.
@Suite struct HostileYAMLTests {
    struct Text: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var text: String

        init(_ name: String, _ text: String) {
            testDescription = name
            self.text = text
        }
    }

    private static func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test(arguments: [
        Text("brackets", repeated("[", 100_000)),
        Text("braces", "a: " + repeated("{a: ", 50_000)),
        Text("dashes", repeated("- ", 100_000) + "a"),
        Text("questions", repeated("? ", 100_000) + "a"),
        Text(
            "deep indentation",
            (0..<3_000).map { repeated(" ", $0) + "a:" }.joined(separator: "\n")),
        Text(
            "alias bomb",
            "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                + "bcdefghij".map { name in
                    let before = name.asciiValue.map { String(UnicodeScalar($0 - 1)) } ?? "a"
                    return "\(name): &\(name) [\(repeated("*\(before),", 9))*\(before)]\n"
                }.joined()),
        Text("garbage", repeated("\u{01}\u{02}binary", 1_000_000)),
        Text("ten megabytes", "a: " + repeated("x", 10 << 20)),
        Text("NUL", "wait: 5\0"),
        Text("several documents", "wait: 5\n---\nwait: 6\n"),
        Text("a list", "- wait\n"),
        Text("a scalar", "wait"),
        Text("list as key", "? [a, b]\n: c\n"),
        Text("unclosed quote", "wait: \"5\n"),
        Text("tab indentation", "redirect:\n\tinbound:\n"),
        Text("undefined alias", "wait: *x\n"),
        Text("self reference", "a: &a [*a]\n"),
        Text("null item", "redirect: {inbound: {excludePorts: [~]}}"),
        Text("null list", "redirect: {inbound: {excludePorts: }}"),
        Text("mapping item", "redirect: {inbound: {excludePorts: [{a: b}]}}"),
        Text("newline in interface", "redirect: {vnet: {networks: [\"br\\n0:10.0.0.0/8\"]}}"),
        Text("quote in interface", "redirect: {vnet: {networks: ['br\"0:10.0.0.0/8']}}"),
        Text("syntax in interface", "redirect: {vnet: {networks: [\"br0 drop;:10.0.0.0/8\"]}}"),
        Text("escape in path", "redirect: {dns: {resolvConfigPath: \"/etc/\\e[31m\"}}"),
    ])
    func hostileTextIsRefused(text: Text) {
        #expect(!Configuration.problems(text.text).isEmpty)
    }

    @Test(arguments: [
        (
            // U+0085 ends a line in YAML, but not in other formats.
            (0..<3_000).map { repeated(" ", $0) + "a:" }.joined(separator: "\u{85}"),
            "nested-too-deep"
        ),
        (
            "a: &a [\(repeated("x,", 99_999))x]\nb: [\(repeated("*a,", 9))*a]\n", "too-many-values"
        ),
        ("wait: 5\u{0B}", "control-character"),
        ("iptablesExecutables: {iptables: a, iptables: b}\n", "repeated-key"),
        ("wait: *x\n", "invalid-yaml"), ("wait: 5\n---\nwait: 6\n", "several-documents"),
        ("? [a, b]\n: c\n", "invalid-key"), ("- wait\n", "not-a-mapping"),
    ])
    func hostileTextIsRefusedWithItsReason(text: String, id: String) {
        #expect(Configuration.problems(text).map(\.id) == [id])
    }

    @Test(arguments: [
        "", "\n\n", "# nothing\n", "---\n", "{}", "redirect:\n", "redirect: {inbound: {}}",
    ])
    func emptyTextsAndGroupsAreAccepted(text: String) throws {
        _ = try Configuration.load(text).get()
    }

    @Test func aFewAliasesAreAccepted() throws {
        let text = "redirect: {inbound: {excludePorts: &p [80]}, outbound: {excludePorts: *p}}"
        let config = try Configuration.load(text).get().config
        #expect(config.redirect.outbound.excludePorts.value.map(\.value.number) == [80])
    }

    @Test func aHundredThousandItemsAreAccepted() throws {
        let items = (0..<100_000).map { "    - 10.\($0 >> 16).\($0 >> 8 & 255).\($0 & 255)\n" }
        let text = "redirect:\n  outbound:\n   excludePortsForIPs:\n" + items.joined()
        let config = try Configuration.load(text).get().config
        #expect(config.redirect.outbound.excludePortsForIPs.value.count == 100_000)
    }
}
