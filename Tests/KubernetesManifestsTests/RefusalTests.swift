import Diagnostics
import KubernetesManifests
import Testing

/// A manifest that can't be edited safely is refused, with place and remedy.
@Suite struct RefusalTests {
    private func errors(_ text: String) -> [Diagnostic] {
        do {
            let result = try InjectionTests.inject(text)
            Issue.record("not refused:\n\(result.text)")
            return []
        } catch let problem as ManifestProblem {
            return problem.diagnostics.filter { $0.severity == .error }
        } catch {
            Issue.record("\(error)")
            return []
        }
    }

    static let spec = "spec:\n  containers:\n  - name: app\n"

    /// A manifest that is refused, and where.
    struct Refused: Sendable {
        var text: String
        var id: String
        var line: Int

        init(_ text: String, _ id: String, line: Int, isWhole: Bool = false) {
            self.text = isWhole ? text : text + RefusalTests.spec
            self.id = id
            self.line = line
        }
    }

    /// The manifests; unless they are whole, `spec` follows.
    static let refused: [Refused] = [
        // Flow style at a place where lines would be added.
        Refused("kind: Pod\nmetadata: {name: web}\n", "not-editable", line: 2),
        Refused(
            "kind: Pod\nmetadata:\n  name: web\n  annotations: {a: b}\n", "not-editable", line: 4),
        Refused(
            "kind: Pod\nmetadata:\n  name: web\n  annotations: {}\n", "not-editable", line: 4),
        Refused(
            "kind: Pod\nmetadata:\n  name: web\nspec: {containers: []}\n", "not-editable", line: 4,
            isWhole: true),
        Refused(
            "kind: Pod\nmetadata:\n  name: web\nspec:\n  initContainers: []\n", "not-editable",
            line: 5, isWhole: true),
        Refused(
            #"{"kind": "Pod", "metadata": {"name": "web"}, "spec": {}}"#, "not-editable", line: 1,
            isWhole: true),
        // Anchors and aliases: another place of the file would change, too.
        Refused("kind: Pod\nmetadata: &m\n  name: web\n", "not-editable", line: 2),
        Refused("x: &a\n  name: web\nkind: Pod\nmetadata: *a\n", "not-editable", line: 4),
        Refused(
            "kind: Pod\nmetadata:\n  name: web\n  annotations:\n    <<: *x\n", "not-editable",
            line: 5),
        // Other than a mapping.
        Refused(
            "kind: Pod\nmetadata:\n  name: web\n  annotations: null\n", "not-editable", line: 4),
        Refused(
            "kind: Pod\nmetadata:\n  name: web\n  annotations: text\n", "not-editable", line: 4),
        // Keys that aren't at the beginning of their line.
        Refused(
            "kind: Pod\nmetadata:\n  name: web\n  ? annotations\n  : a: b\n", "not-editable",
            line: 4),
        // YAML itself.
        Refused("kind: Pod\nmetadata:\n\tname: web\n", "invalid-yaml", line: 3),
        Refused("kind: Pod\nmetadata:\n  name: web\n  name: web\n", "repeated-key", line: 4),
        // Incomplete.
        Refused(
            "kind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: 1\n", "missing-key",
            line: 4, isWhole: true),
        Refused("kind: Pod\nmetadata:\n  name: web\n", "missing-key", line: 1, isWhole: true),
        // Other than what a pod may be.
        Refused(
            "kind: Pod\nmetadata:\n  name: web\nspec:\n  hostNetwork: true\n  containers: []\n",
            "host-network", line: 5, isWhole: true),
        Refused(
            "kind: Pod\nmetadata:\n  name: web\nspec:\n  initContainers:\n  - name: kuma-init\n",
            "container-present", line: 6, isWhole: true),
        Refused(
            """
            kind: Pod
            metadata:
              name: web
              annotations:
                traffic.kuma.io/transparent-proxy-config: '{}'

            """, "configuration-present", line: 5),
        // Our own comments, incomplete.
        Refused("# tproxy:begin\nkind: Pod\n", "unpaired-comment", line: 1, isWhole: true),
        Refused("kind: Pod\n# tproxy:end\n", "unpaired-comment", line: 2, isWhole: true),
    ]

    @Test(arguments: refused)
    func isRefusedAtItsLine(refused: Refused) throws {
        let error = try #require(errors(refused.text).first)
        #expect(error.id == refused.id, "\(error)")
        #expect(error.location?.position?.line == refused.line, "\(error)")
        #expect(error.help?.isEmpty == false)
    }

    @Test func anErrorNamesFilePodContainerAndAnnotation() throws {
        let pod = """
            kind: Deployment
            metadata:
              name: web
              namespace: shop
            spec:
              template:
                metadata:
                  annotations:
                    kuma.io/sidecar-uid: "5679"
                    traffic.kuma.io/exclude-inbound-ports: "80,http"
                spec:
                  containers:
                  - name: kuma-sidecar
                    securityContext:
                      runAsUser: 5678
            """
        let errors = errors(pod)
        #expect(errors.map(\.id) == ["invalid-port", "other-sidecar-user"])
        #expect(errors.first?.location?.description == "pod.yaml:10:52")
        #expect(
            errors.first?.notes.last
                == "it is in annotation traffic.kuma.io/exclude-inbound-ports of Deployment shop/web"
        )
        #expect(
            errors.last?.message.contains("container kuma-sidecar of Deployment shop/web") == true)
        #expect(errors.last?.location?.description == "pod.yaml:15:22")
    }

    @Test func allPodsAreCheckedBeforeAnErrorIsReported() {
        let pods = (1...3).map { "kind: Pod\nmetadata: {name: web\($0)}\n" + Self.spec }
        #expect(errors(pods.joined(separator: "---\n")).count == 3)
    }

    @Test func anExcludedPodIsUnchangedWithANote() throws {
        let pod =
            "kind: Pod\nmetadata:\n  name: web\n  labels:\n    kuma.io/sidecar-injection: disabled\n"
            + Self.spec
        let result = try InjectionTests.inject(pod)
        #expect(result.text == pod)
        #expect(result.notices.map(\.id) == ["excluded-pod"])
    }

    @Test func aFileWithoutPodsIsUnchangedWithAWarning() throws {
        let text = "kind: Service\nmetadata: {name: web}\n"
        let result = try InjectionTests.inject(text)
        #expect(result.text == text)
        #expect(result.notices.map(\.id) == ["no-pods"])
    }

    @Test func aContainerThatRunsAsTheProxyIsReported() throws {
        let pod = """
            kind: Pod
            metadata:
              name: web
            spec:
              containers:
              - name: app
                securityContext:
                  runAsUser: 5678
            """
        let notices = try InjectionTests.inject(pod).notices
        #expect(notices.map(\.id) == ["runs-as-proxy"])
        #expect(notices.first?.message.contains("container app of pod web") == true)
    }

    @Test(arguments: ["", "a b", "a\"b", "a\\b", "a\nb"])
    func anImageThatIsNoNameIsRefused(image: String) {
        #expect(throws: ManifestProblem.self) {
            try InjectionTests.inject(
                "kind: Pod\nmetadata:\n  name: web\n" + Self.spec, .initContainer(image: image))
        }
    }
}
