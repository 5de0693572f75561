import Foundation
import JSON
import Testing
import TproxyTestSupport

/// The manifests of docs/kubernetes/manifests are rendered and valid.
@Suite struct ManifestFilesTests {
    static let overlays = ["plain", "taint", "openshift", "cilium", "ebpf", "remove"]
    /// The newest three versions of Kubernetes that kubernetes-validate knows.
    private static let versions = ["1.37.0", "1.36.0", "1.35.0"]

    private static let folder = Scenario.root.appendingPathComponent(
        "docs/kubernetes/manifests/overlays")
    private static let validator = Scenario.root.appendingPathComponent(
        ".build/kubernetes-validate/bin/kubernetes-validate"
    ).path

    private static func rendered(_ overlay: String) async throws -> String {
        let outcome = try await Command.run(
            "kubectl", ["kustomize", folder.appendingPathComponent(overlay).path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output
    }

    /// The objects of a rendered overlay, read by the parser that kubernetes-validate uses.
    private static func objects(_ text: String) async throws -> [JSONValue] {
        let python = Scenario.root.appendingPathComponent(
            ".build/kubernetes-validate/bin/python3"
        ).path
        let outcome = try await Command.run(
            python,
            [
                "-c",
                "import sys, json, yaml; print(json.dumps(list(yaml.safe_load_all(sys.stdin))))",
            ],
            input: text)
        return try JSONValue(parsing: outcome.output).array ?? []
    }

    private static func validate(_ text: String, _ version: String) async throws -> Command.Outcome
    {
        let folder = try TestFolder()
        let file = folder.path(of: "rendered.yaml")
        try text.write(toFile: file, atomically: false, encoding: .utf8)
        return try await Command.run(validator, ["--strict", "-k", version, file])
    }

    /// Every overlay of the folder is in the list above.
    @Test func everyOverlayIsTested() throws {
        let found = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(found) == Set(Self.overlays))
    }

    @Test(arguments: overlays, versions)
    func overlayIsValid(overlay: String, version: String) async throws {
        let outcome = try await Self.validate(try await Self.rendered(overlay), version)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    /// The validation can fail.
    @Test func aMistypedFieldIsFound() async throws {
        let text = try await Self.rendered("plain").replacingOccurrences(
            of: "hostPID:", with: "hostPid:")
        let outcome = try await Self.validate(text, Self.versions[0])
        #expect(outcome.status != 0 && outcome.output.contains("hostPid"), "\(outcome.output)")
    }

    /// What `kube inject` adds has the fields of a Pod; with eBPF, the container is privileged.
    @Test(arguments: [
        "wait: 1", "ebpf: {enabled: true}",
        "ebpf: {enabled: true, bpffsPath: '/a \"b\" \\\\c', instanceIPEnvVarName: POD_IP}",
    ])
    func anInjectedPodIsValid(configuration: String) async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "config.yaml")
        try configuration.write(toFile: file, atomically: false, encoding: .utf8)
        let pod =
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n"
            + "  - name: app\n    image: a\n"
        let injected = try await Command.run(
            Command.tproxy, ["kube", "inject", "-", "--image", "tproxy:1", "--config", file],
            input: pod)
        #expect(injected.status == 0, "\(injected.errors)")
        let outcome = try await Self.validate(injected.output, Self.versions[0])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)\n\(injected.output)")
        let object = try #require(try await Self.objects(injected.output).first)
        let container = object["spec"]?["initContainers"]?.array?.first
        let isPrivileged = container?["securityContext"]?["privileged"] == .bool(true)
        #expect(isPrivileged == configuration.hasPrefix("ebpf"))
        let paths = Set(
            (object["spec"]?["volumes"]?.array ?? []).compactMap { $0["hostPath"]?["path"]?.string }
        )
        let mounts = Set(
            (container?["volumeMounts"]?.array ?? []).compactMap { $0["mountPath"]?.string })
        let bpf = configuration.contains("bpffsPath") ? "/a \"b\" \\\\c" : "/sys/fs/bpf"
        #expect(paths == (isPrivileged ? ["/sys/fs/cgroup", bpf] : []))
        #expect(mounts == paths.union(["/tmp/transparent-proxy/base"]))
        let variables = (container?["env"]?.array ?? []).compactMap { $0["name"]?.string }
        let variable = configuration.contains("POD_IP") ? "POD_IP" : "INSTANCE_IP"
        #expect(variables == (isPrivileged ? [variable] : []))
    }

    /// Only an overlay with a taint may change nodes; none may do more.
    @Test(arguments: overlays)
    func theRolesAllowWhatTheAgentNeeds(overlay: String) async throws {
        let objects = try await Self.objects(try await Self.rendered(overlay))
        var allowed: Set<String> = []
        for role in objects where role["kind"] == "ClusterRole" {
            for rule in role["rules"]?.array ?? [] {
                for resource in rule["resources"]?.array ?? [] {
                    for verb in rule["verbs"]?.array ?? [] {
                        allowed.insert("\(resource.string ?? "") \(verb.string ?? "")")
                    }
                }
            }
        }
        let pods: Set = ["pods get", "pods list", "pods watch"]
        let nodes: Set = ["nodes get", "nodes patch"]
        #expect(allowed == (overlay == "taint" ? pods.union(nodes) : pods))
    }

    @Test(arguments: overlays)
    func theImageHasNoRegistryAndTheNamespaceIsPrivileged(overlay: String) async throws {
        let objects = try await Self.objects(try await Self.rendered(overlay))
        let namespace = try #require(objects.first { $0["kind"] == "Namespace" })
        #expect(
            namespace["metadata"]?["labels"]?["pod-security.kubernetes.io/enforce"] == "privileged")
        let daemonSet = try #require(objects.first { $0["kind"] == "DaemonSet" })
        let pod = daemonSet["spec"]?["template"]?["spec"]
        let image = try #require(pod?["containers"]?.array?.first?["image"]?.string)
        #expect(!image.contains("/") && image.contains(":"))
        #expect(pod?["priorityClassName"] == "tproxy-agent")
        let kinds = Set(objects.compactMap { $0["kind"]?.string })
        #expect(
            kinds.isSuperset(of: [
                "Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "ConfigMap",
                "PriorityClass", "DaemonSet",
            ]))
    }
}
