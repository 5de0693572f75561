import Diagnostics
package import TproxyConfig

/// What a pod says about itself, as far as the redirection of its traffic depends on it.
package struct KubernetesPod: Sendable {
    /// The kind of object that holds the pod: `Pod`, or a workload such as `Deployment`.
    package var kind: String
    /// The namespace; empty if the manifest doesn't name one.
    package var namespace: String
    package var name: String
    package var annotations: [PodAnnotation]
    /// The ports that the kubelet probes; empty if the containers are unknown.
    package var probePorts: [ProbePort]
    /// The user that the proxy's container runs as, if its manifest says so.
    package var sidecarUser: SidecarUser?

    package init(
        kind: String = "Pod", namespace: String, name: String, annotations: [PodAnnotation],
        probePorts: [ProbePort] = [], sidecarUser: SidecarUser? = nil
    ) {
        self.kind = kind
        self.namespace = namespace
        self.name = name
        self.annotations = annotations
        self.probePorts = probePorts
        self.sidecarUser = sidecarUser
    }

    /// Creates a pod whose annotations are known without a file.
    package init(namespace: String, name: String, annotations: [String: String]) {
        self.init(namespace: namespace, name: name, annotations: [])
        self.annotations = annotations.sorted { $0.key < $1.key }.map {
            PodAnnotation(name: $0.key, value: $0.value, ofPod: words)
        }
    }

    /// The name for messages, such as `pod shop/web` or `Deployment shop/web`.
    ///
    /// Without a name, it is the pod in which tproxy runs.
    package var words: String {
        guard !name.isEmpty else { return "this pod" }
        let name = namespace.isEmpty ? name : "\(namespace)/\(name)"
        return "\(kind == "Pod" ? "pod" : kind) \(name)"
    }

    package func annotation(_ name: String) -> PodAnnotation? {
        annotations.first { $0.name == name }
    }
}

/// An annotation of a pod.
package struct PodAnnotation: Sendable {
    package var name: String
    package var value: String
    /// The place of the value.
    package var origin: Origin

    package init(name: String, value: String, origin: Origin) {
        self.name = name
        self.value = value
        self.origin = origin
    }

    /// Creates an annotation that a container runtime reports, without a file.
    ///
    /// Its place is the pod and the name of the annotation.
    package init(name: String, value: String, ofPod pod: String) {
        self.init(
            name: name, value: value,
            origin: .file(
                SourceLocation(
                    source: "\(pod), annotation \(name)",
                    excerpt: .init(line: value, column: 1, length: max(1, value.count)))))
    }

    /// Creates an annotation of a file in which values are quoted.
    ///
    /// Its place is the line and the name: columns in the value aren't those of the line.
    init(name: String, value: String, inFile file: String, line: Int) {
        self.init(
            name: name, value: value,
            origin: .file(
                SourceLocation(
                    source: "\(file):\(line), annotation \(name)",
                    excerpt: .init(line: value, column: 1, length: max(1, value.count)))))
    }

    /// The name of the value's text in places inside it, if the value has no place in a file.
    var source: String? {
        origin.location.flatMap { $0.position == nil ? $0.source : nil }
    }
}

/// A port that the kubelet connects to.
package struct ProbePort: Sendable {
    package var container: String
    package var port: String
    package var origin: Origin

    package init(container: String, port: String, origin: Origin) {
        self.container = container
        self.port = port
        self.origin = origin
    }
}

/// The user of the proxy's container (`securityContext.runAsUser`).
package struct SidecarUser: Sendable {
    package var container: String
    package var user: String
    package var origin: Origin

    package init(container: String, user: String, origin: Origin) {
        self.container = container
        self.user = user
        self.origin = origin
    }
}
