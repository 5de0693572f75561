import Testing
import TproxyConfig
import TproxyTestSupport

/// A ConfigMap is read as its configuration, with places in the manifest.
@Suite struct ManifestTests {
    private static func indented(_ text: String) -> String {
        text.split(separator: "\n").map { "    \($0)\n" }.joined()
    }

    private static let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tproxy}\n"

    private static func rows(_ text: String) throws -> [String] {
        let loaded = try Configuration.load(text).get()
        #expect(loaded.diagnostics.isEmpty)
        return EffectiveConfiguration(loaded.config).rows.map { "\($0.path) = \($0.value)" }
    }

    @Test(arguments: KumaConfigMap.all)
    func chartsConfigMapIsReadAsItsConfiguration(map: KumaConfigMap) throws {
        let manifest = "---\n\(Self.head)data:\n  config.yaml: |\n\(Self.indented(map.text()))"
        #expect(try Self.rows(manifest) == Self.rows(map.text()))
        #expect(try Self.rows(manifest + "immutable: true\n") == Self.rows(map.text()))
    }

    @Test(arguments: [
        "data:\n  config.yaml: |-\n    wait: 7\n",
        "data: {config.yaml: \"wait: 7\\n\"}\n",
        "data:\n  config.yaml: >\n    wait: 7\n",
        "data:\n  config.yaml: |2\n      wait: 7\n",
        "data:\n  config.yaml: |\n    ---\n    wait: 7\n",
        "data:\n  config.yaml: |\n\n    # comment\n    wait: 7\n\n\nbinaryData: {}\n",
        "data:\n  config.yaml: |\n    {wait: 7}\n---\n# the rest is empty\n",
    ])
    func everyStyleOfTheTextIsRead(data: String) throws {
        #expect(try Self.rows(Self.head + data).contains("wait = 7"))
    }

    @Test func jsonOfTheConfigMapIsRead() throws {
        let text = #"""
            {
            	"apiVersion": "v1", "kind": "ConfigMap",
            	"data": {"config.yaml": "redirect:\n  outbound:\n    port: 9\n"}
            }
            """#
        #expect(try Self.rows(text).contains("redirect.outbound.port = 9"))
    }

    /// `➊` precedes the character to which the error must point.
    @Test(arguments: [
        "data:\n  config.yaml: |\n    redirect:\n      inbound:\n        port: ➊70000\n",
        "data:\n  config.yaml: |\n    # ä\n\n    redirect: {inbound: {port: \"➊70000\"}}\n  more: x\n",
    ])
    func errorsPointIntoTheManifest(marked: String) throws {
        let text = Self.head + marked
        let problems = Configuration.problems(text.replacing("➊", with: ""))
        #expect(problems.map(\.id) == ["port-out-of-range"])
        let mark = try #require(text.firstIndex(of: "➊"))
        let before = text[..<mark].split(separator: "\n", omittingEmptySubsequences: false)
        #expect(
            problems.first?.location?.description
                == "tproxy.yaml:\(before.count):\((before.last?.count ?? 0) + 1)")
    }

    /// Quoted text has lines of its own.
    @Test func errorsInQuotedTextNameTheKey() {
        let problems = Configuration.problems(
            Self.head + "data: {config.yaml: \"wait: 7\\nretry: {maxRetries: x}\\n\"}\n")
        #expect(
            problems.map { "\($0.location.map { "\($0)" } ?? "")" }
                == ["tproxy.yaml, data.config.yaml:2:21"])
    }

    @Test(arguments: [
        ("apiVersion: apps/v1\nkind: Deployment\nspec: {}\n", "not-a-configuration"),
        ("apiVersion: v1\nkind: List\nitems: []\n", "not-a-configuration"),
        ("apiVersion: v1\nkind: ConfigMap\n", "no-configuration"),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {tproxy.yaml: \"wait: 7\"}\n", "no-configuration"),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {config.yaml: [1]}\n", "no-configuration"),
    ])
    func otherObjectsAreRefusedWithTheRemedy(text: String, id: String) {
        let problems = Configuration.problems(text)
        #expect(problems.map(\.id) == [id])
        #expect(problems.first?.help != nil && problems.first?.location != nil)
    }

    @Test func severalDocumentsAreRefused() {
        let problems = Configuration.problems("wait: 5\n---\nwait: 6\n")
        #expect(problems.map(\.id) == ["several-documents"])
        #expect(problems.first?.location?.description == "tproxy.yaml:2:1")
        #expect(problems.first?.help?.contains("repeat --config") == true)
        let manifests = "\(Self.head)data: {config.yaml: \"\"}\n---\n\(Self.head)"
        #expect(Configuration.problems(manifests).map(\.id) == ["several-documents"])
    }

    @Test(arguments: [
        "---\nwait: 7\n---\n", "---\n---\nwait: 7\n", "---\n# a\n---\nwait: 7\n...\n",
    ])
    func emptyDocumentsDoNotCount(text: String) throws {
        #expect(try Self.rows(text).contains("wait = 7"))
    }

    @Test(arguments: [
        "redirect: {inbound: &a {excludePorts: [22], port: 7}, outbound: {<<: *a, port: 8}}",
        "redirect:\n  inbound: &a\n    excludePorts: [22]\n    port: 7\n  outbound:\n    port: 8\n    <<: *a\n",
        "redirect: {outbound: {<<: [{port: 8, excludePorts: [22]}, {port: 9}]}, inbound: {port: 7}}",
        "<<: {redirect: {outbound: {excludePorts: [22], port: 8}, inbound: {port: 7}}}",
    ])
    func mergeKeysAddMissingKeys(text: String) throws {
        let rows = try Self.rows(text)
        #expect(rows.contains("redirect.inbound.port = 7"))
        #expect(rows.contains("redirect.outbound.port = 8"))
        #expect(rows.contains("redirect.outbound.excludePorts[0] = 22"))
    }

    @Test(arguments: [
        ("<<: 5\n", "invalid-merge"), ("<<: [{wait: 5}, 6]\n", "invalid-merge"),
        ("<<:\n", "invalid-merge"), ("\"<<\": {wait: 5}\n", "unknown-key"),
        ("<<: {wait: 5, prt: 6}\n", "unknown-key"),
    ])
    func otherMergesAreRefused(text: String, id: String) {
        #expect(Configuration.problems(text).map(\.id) == [id])
    }
}
