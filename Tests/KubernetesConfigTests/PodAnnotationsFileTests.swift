import Diagnostics
import KubernetesConfig
import Testing
import TproxyConfigYAML

/// The annotations of a pod, as the downward API writes them into a file.
@Suite struct PodAnnotationsFileTests {
    private static func values(_ text: String) throws -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: try PodAnnotationsFile(text, source: "annotations").annotations
                .map { ($0.name, $0.value) })
    }

    /// As a kubelet writes it: sorted, quoted, without a line end at the end.
    private static let file = #"""
        kubernetes.io/config.seen="2026-11-30T22:28:52.000000001Z"
        kuma.io/sidecar-uid="5678"
        note="a \"quoted\" \\ \a\b\f\r\t\v \x00\x7f caf\u00e9 é \U0001f600 = \"x"
        traffic.kuma.io/exclude-inbound-ports=""
        traffic.kuma.io/transparent-proxy-config="redirect:\n  inbound: {port: 16006}\n"
        """#

    @Test func valuesAreUnquoted() throws {
        #expect(
            try Self.values(Self.file) == [
                "kubernetes.io/config.seen": "2026-11-30T22:28:52.000000001Z",
                "kuma.io/sidecar-uid": "5678",
                "note":
                    "a \"quoted\" \\ \u{7}\u{8}\u{C}\r\t\u{B} \0\u{7F} caf\u{E9} é \u{1F600} = \"x",
                "traffic.kuma.io/exclude-inbound-ports": "",
                "traffic.kuma.io/transparent-proxy-config":
                    "redirect:\n  inbound: {port: 16006}\n",
            ])
    }

    @Test func theEndOfTheLastLineDoesNotMatter() throws {
        #expect(try Self.values("a=\"1\"\n") == ["a": "1"])
        #expect(try Self.values("a=\"1\"") == ["a": "1"])
    }

    /// No text that is a configuration is taken for annotations, nor the other way.
    @Test(arguments: [
        "", "{}", "redirect:\n  inbound: {port: 1}\n", #"{"kumaDPUser": "5678"}"#, "# a=\"b\"\n",
        "kumaDPUser: a=\"b\"\n", "=\"1\"", "a =\"1\"", "a= \"1\"", "'a=\"b\"': 1",
    ])
    func aConfigurationIsNoFileOfAnnotations(text: String) {
        #expect(!PodAnnotationsFile.isOne(text))
    }

    @Test func aFileOfAnnotationsIsNoConfiguration() throws {
        #expect(PodAnnotationsFile.isOne(Self.file))
        guard case .failure = YAMLDocument.parse(text: "a=\"1\"\nb=\"2\"\n", source: "a") else {
            Issue.record("YAML reads the lines as a mapping")
            return
        }
    }

    @Test(arguments: [
        ("a=\"1\"\nb", 2, 2, "the line is not NAME=\"VALUE\""),
        ("a=\"1\"\n b=\"2\"", 2, 1, "the line is not NAME=\"VALUE\""),
        ("a=\"1\"\nb=2", 2, 2, "the line is not NAME=\"VALUE\""),
        ("a=\"1\"\nb=\"2", 2, 5, "the value has no closing quote"),
        ("a=\"1\"\nb=\"2\\", 2, 5, "the value has an unknown escape sequence"),
        ("a=\"é\\q\"", 1, 5, "the value has an unknown escape sequence"),
        ("a=\"\\x0\"", 1, 4, "the value has an unknown escape sequence"),
        ("a=\"\\u00zz\"", 1, 4, "the value has an unknown escape sequence"),
        ("a=\"\\ud800\"", 1, 4, "the value has an unknown escape sequence"),
        ("a=\"\\UFFFFFFFF\"", 1, 4, "the value has an unknown escape sequence"),
        ("a=\"\\xff\"", 1, 3, "the value is not UTF-8 text"),
        ("a=\"1\"\r\n", 1, 6, "there is more behind the closing quote"),
        ("a=\"1\"\na=\"2\"", 2, 1, "the annotation is given twice"),
    ])
    func aMistakeIsRefusedWithItsPlace(
        text: String, line: Int, column: Int, words: String
    ) throws {
        let problem = #expect(throws: PodAnnotationsFile.Problem.self) {
            try PodAnnotationsFile(text, source: "annotations")
        }
        let diagnostics = try #require(problem).diagnostics
        #expect(diagnostics.count == 1)
        #expect(diagnostics[0].message == words)
        let location = try #require(diagnostics[0].location)
        #expect("\(location)" == "annotations:\(line):\(column)")
        #expect(diagnostics[0].help?.isEmpty == false)
    }

    @Test func allMistakesAreReportedTogether() throws {
        let problem = #expect(throws: PodAnnotationsFile.Problem.self) {
            try PodAnnotationsFile("a=\"1\"\nb\nkuma.io/c=\"\\q\"", source: "annotations")
        }
        let diagnostics = try #require(problem).diagnostics
        #expect(diagnostics.map { $0.location?.position?.line } == [2, 3])
        #expect(diagnostics[1].notes == ["it is in annotation kuma.io/c"])
    }

    /// A mistake in a value names the file, the line and the annotation.
    @Test(arguments: [
        ("kuma.io/sidecar-uid", "x y", #""x y""#, ""),
        ("traffic.kuma.io/exclude-inbound-ports", "80,70000", #""80,70000""#, ""),
        (
            "traffic.kuma.io/transparent-proxy-config", "redirect:\n  inbound: {prt: 1}",
            #""redirect:\n  inbound: {prt: 1}""#, ":2:13"
        ),
    ])
    func aMistakeInAValueNamesFileLineAndAnnotation(
        name: String, value: String, quoted: String, place: String
    ) throws {
        let file = try PodAnnotationsFile("a=\"1\"\n\(name)=\(quoted)", source: "annotations")
        #expect(file.annotations.last?.value == value)
        let pod = KubernetesPod(namespace: "", name: "", annotations: file.annotations)
        let errors = PodConfiguration.of(pod, files: []).diagnostics.filter {
            $0.severity == .error
        }
        let error = try #require(errors.first)
        let location = try #require(error.location)
        #expect("\(location)" == "annotations:2, annotation \(name)\(place)")
        #expect(error.notes.contains("it is in annotation \(name) of this pod"))
    }
}
