package import Diagnostics
import TproxyConfigYAML

/// A file of Kubernetes objects, and the pods that it describes.
struct Manifest {
    let source: SourceText
    let stream: YAMLStream
    let pods: [ManifestPod]

    init(_ source: SourceText) throws(ManifestProblem) {
        self.source = source
        do throws(YAMLDocument.Problem) {
            stream = try YAMLStream(source)
        } catch {
            throw ManifestProblem(error.diagnostics)
        }
        pods = stream.documents.flatMap { Self.pods(in: $0) }
    }

    /// The keys from an object to its pod template, by kind.
    private static let templates: [String: [String]] = [
        "Pod": [], "Deployment": ["spec", "template"], "StatefulSet": ["spec", "template"],
        "DaemonSet": ["spec", "template"], "ReplicaSet": ["spec", "template"],
        "Job": ["spec", "template"],
        "CronJob": ["spec", "jobTemplate", "spec", "template"],
    ]

    private static func pods(in object: YAMLNode) -> [ManifestPod] {
        guard let kind = object["kind"]?.text else { return [] }
        if kind == "List" { return (object["items"]?.items ?? []).flatMap { pods(in: $0) } }
        guard let path = templates[kind] else { return [] }
        return [ManifestPod(object, kind: kind, path: path)]
    }

    func place(_ mark: YAMLMark, length: Int = 1) -> SourceLocation {
        SourceLocation(in: source, line: mark.line, column: mark.column, length: length)
    }
}

/// A pod, or the template of pods, in a manifest.
struct ManifestPod {
    let object: YAMLNode
    let kind: String
    /// The nodes from the object to the pod; the last one holds `metadata` and `spec`.
    ///
    /// It is shorter than the path if a key is missing.
    let nodes: [YAMLNode]
    /// The first key that is missing on the way to the pod.
    let missing: String?

    init(_ object: YAMLNode, kind: String, path: [String]) {
        self.object = object
        self.kind = kind
        var nodes = [object]
        var missing: String?
        for key in path {
            guard let next = nodes.last?.entry(key)?.value else {
                missing = key
                break
            }
            nodes.append(next)
        }
        self.nodes = nodes
        self.missing = missing
    }

    /// The mapping that holds the pod's `metadata` and `spec`.
    var pod: YAMLNode { nodes.last ?? object }

    var namespace: String { object["metadata", "namespace"]?.text ?? "" }

    var name: String {
        object["metadata", "name"]?.text ?? object["metadata", "generateName"]?.text ?? "?"
    }

    /// All containers of the pod, the init containers first.
    var containers: [YAMLNode] {
        (pod["spec", "initContainers"]?.items ?? []) + (pod["spec", "containers"]?.items ?? [])
    }

    /// Whether a label keeps the pod out of the mesh.
    var isExcluded: Bool {
        let label = pod["metadata", "labels", "kuma.io/sidecar-injection"]?.text
        return label == "disabled" || label == "false"
    }
}

/// All errors that keep a manifest from being edited.
package struct ManifestProblem: Error {
    package var diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic]) {
        self.diagnostics = diagnostics
    }

    init(_ diagnostic: Diagnostic) {
        self.init([diagnostic])
    }
}
