import FirewalldExporter
import Foundation
import Testing
import TproxyTestSupport

/// firewalld's own code reads our text, and iptables-restore(8) receives the original arguments.
@Suite struct ArgumentTextTests {
    /// Arguments with special characters, and the form in which iptables-restore(8) must receive
    /// each.
    private static let words = [
        "plain", "two words", "a<b & c>d", "it's", "say \"hi\"", "say\"hi\"", "\"quoted\"",
        "back\\slash", "back \\ slash", "tab\there", "☃ ünïcode", "☃", "$HOME `id` #x", "!", "-j",
        "a'b\"c\\d e", "", "it'\u{301}s", "say \"\u{301}hi", "back\\\u{301}slash here",
    ]

    /// The last step of firewalld for an argument (`set_rules` in ipXtables.py), with the unquoting
    /// of iptables-restore(8) (`add_param_to_argv` in xshared.c).
    private static let program = """
        import string, sys, json, tempfile
        from firewall.core.io.direct import Direct
        def restored(line):
            words, word, is_word, quoted, escaped = [], "", False, False, False
            for c in line:
                if quoted:
                    if escaped: word += c; escaped = False
                    elif c == "\\\\": escaped = True
                    elif c == '"': quoted = False
                    else: word += c
                elif c == '"': quoted = True; is_word = True
                elif c in " \\t":
                    if is_word: words.append(word)
                    word, is_word = "", False
                else: word += c; is_word = True
            return words + ([word] if is_word else [])
        direct = Direct(sys.argv[1])
        direct.read()
        rules = []
        for key in direct.rules:
            for (priority, args) in direct.rules[key]:
                line = []
                for a in args:
                    blank = any(c in a for c in string.whitespace)
                    quoted = a.startswith('"') and a.endswith('"')
                    line.append('"%s"' % a if blank and not quoted else a)
                rules.append(list(key) + [priority] + restored(" ".join(line)))
        if len(sys.argv) > 2: direct.write()
        print(json.dumps(rules))
        """

    private func read(_ file: URL, rewriting: Bool = false) async throws -> [[Any]] {
        let run = try await Command.run(
            "/usr/bin/python3", ["-c", Self.program, file.path] + (rewriting ? ["rewrite"] : []))
        #expect(run.status == 0, "\(run.errors)")
        return try #require(
            JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [[Any]])
    }

    private func withFile(
        _ bytes: [UInt8], _ body: (URL) async throws -> Void
    ) async throws {
        let file = FileManager.default.temporaryDirectory
            .appendingPathComponent("direct-\(UUID().uuidString).xml")
        defer {
            for suffix in ["", ".old"] {
                try? FileManager.default.removeItem(atPath: file.path + suffix)
            }
        }
        try Data(bytes).write(to: file)
        try await body(file)
    }

    @Test func specialCharactersReachIptablesUnchanged() async throws {
        let rule = DirectElement.rule(
            DirectTable(.ipv6, .nat), chain: "OUTPUT", priority: -5, arguments: Self.words)
        let output = FirewalldExporter.Output(elements: [rule], version: "1", digest: "d")
        let bytes = try #require(try DirectFile.merging(output, into: nil).bytes)
        try await withFile(bytes) { file in
            let rules = try await read(file)
            let expected: [Any] = ["ipv6", "nat", "OUTPUT", -5] + Self.words
            #expect(rules.map { "\($0)" } == ["\(expected)"])
        }
    }

    /// firewalld rewrites the file without comments, as on `firewall-cmd --permanent --direct`.
    @Test(arguments: ExporterTests.scenarios)
    func elementsThatFirewalldRewroteAreStillOurs(_ scenario: Scenario) async throws {
        let output = try FirewalldExporter(version: "1.2.3").emit(scenario.compile().ruleset)
        let foreign =
            Corpus.declaration + "<direct>\n"
            + "  <chain ipv=\"ipv4\" table=\"filter\" chain=\"mine\"/>\n"
            + "  <rule ipv=\"ipv4\" table=\"nat\" chain=\"OUTPUT\" priority=\"0\">-p icmp -j ACCEPT</rule>\n"
            + "</direct>\n"
        let merged = try #require(
            try DirectFile.merging(output, into: Array(foreign.utf8)).bytes)
        try await withFile(merged) { file in
            let before = try await read(file, rewriting: true)
            let rewritten = Array(try Data(contentsOf: file))
            #expect(rewritten != merged)
            #expect(try await read(file).map { "\($0)" } == before.map { "\($0)" })
            let removed = try DirectFile.removing(from: rewritten)
            #expect(removed.bytes.map(text) == foreign)
            #expect(removed.removed == output.elements.count)
            #expect(removed.unmarked == output.elements.count)
            let again = try DirectFile.merging(output, into: rewritten)
            #expect(again.bytes == merged)
        }
    }
}
