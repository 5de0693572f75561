import Testing
import TproxyConfig
import TproxyTestSupport

/// `config init` prints a file in which every key is a comment.
@Suite struct ConfigurationTemplateTests {
    private let lines = ConfigurationTemplate.yaml.split(
        separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)

    /// The lines that hold a key as a comment: `#` and a name, without a blank.
    private var keyLines: [Int] {
        lines.indices.filter { index in
            let text = lines[index].drop { $0 == " " }
            return text.hasPrefix("#") && text.dropFirst().first?.isLetter == true
        }
    }

    private func load(_ lines: [String]) throws -> TproxyConfig {
        let outcome = try Configuration.load(lines.joined(separator: "\n")).get()
        #expect(outcome.diagnostics.isEmpty)
        return outcome.config
    }

    private func values(_ config: TproxyConfig) -> [String] {
        EffectiveConfiguration(config).rows.map { "\($0.path) = \($0.value)" }
    }

    @Test func theFileSetsNothing() throws {
        #expect(try EffectiveConfiguration(load(lines)).changedRows(itemLimit: 1).isEmpty)
    }

    @Test func everyKeyOfAFileHasOneLine() {
        #expect(keyLines.count == ConfigurationKey.all.count(where: \.isInFiles))
    }

    /// An empty `iptablesExecutables` adds nothing to that of other sources.
    @Test func oneUncommentedLineSetsOneKeyToItsDefault() throws {
        var set: Set<String> = []
        for index in keyLines {
            var edited = lines
            edited[index].remove(at: try #require(edited[index].firstIndex(of: "#")))
            let config = try load(edited)
            #expect(values(config) == values(TproxyConfig()), "\(edited[index])")
            let paths = EffectiveConfiguration(config).changedRows(itemLimit: 1).map {
                String($0.path.prefix { $0 != "[" })
            }
            #expect(Set(paths).count <= 1, "\(edited[index])")
            set.formUnion(paths)
        }
        let inFiles = Set(ConfigurationKey.all.filter(\.isInFiles).map(\.path))
        #expect(set == inFiles.subtracting(["iptablesExecutables"]))
    }

    @Test func allLinesUncommentedAreTheDefaults() throws {
        var edited = lines
        for index in keyLines {
            edited[index].remove(at: try #require(edited[index].firstIndex(of: "#")))
        }
        #expect(try values(load(edited)) == values(TproxyConfig()))
    }
}
