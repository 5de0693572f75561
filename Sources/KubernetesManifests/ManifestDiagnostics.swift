import Diagnostics
import KubernetesConfig
import TproxyConfig

// Messages about manifests; each names the pod or the file.
extension Diagnostic {
    static func notEditable(
        _ pod: String, _ reason: String, at location: SourceLocation
    ) -> Diagnostic {
        .error(
            id: "not-editable", "can't add lines to \(pod) here: the value \(reason)",
            at: location,
            help: "write it as an indented block, one key or item per line")
    }

    static func missingKey(
        _ key: String, of pod: String, at location: SourceLocation
    ) -> Diagnostic {
        .error(
            id: "missing-key", "\(pod) has no '\(key)'", at: location,
            help: "complete the manifest: 'kubectl apply --dry-run=server -f FILE' checks it")
    }

    static func notPreserved(_ name: String) -> Diagnostic {
        .error(
            id: "not-editable",
            "can't add lines to '\(name)' without changing the meaning of others",
            help: "write metadata and spec of its pods as indented blocks, without '?' keys")
    }

    static func unpairedComment(in source: SourceText, line: Int) -> Diagnostic {
        .error(
            id: "unpaired-comment", "a comment of tproxy's has no counterpart",
            at: SourceLocation(in: source, line: line, column: 1, length: 1),
            help: "remove the added lines by hand, and both comments")
    }

    static func noPods(_ name: String) -> Diagnostic {
        .warning(
            id: "no-pods", "'\(name)' has no pod and no template of pods; it is unchanged",
            help: "name a file with a Pod, Deployment, StatefulSet, DaemonSet, Job or CronJob")
    }

    static func excludedPod(_ pod: KubernetesPod) -> Diagnostic {
        Diagnostic(
            .note, id: "excluded-pod",
            "\(pod.words) is unchanged: its label kuma.io/sidecar-injection keeps it out of the mesh"
        )
    }

    static func hostNetwork(_ pod: KubernetesPod, at location: SourceLocation) -> Diagnostic {
        .error(
            id: "host-network", "\(pod.words) uses the network of its node (hostNetwork)",
            at: location,
            notes: ["its rules would redirect the traffic of the whole node"],
            help: "leave it out, or set hostNetwork to false")
    }

    static func containerPresent(
        _ name: String, of pod: KubernetesPod, at location: SourceLocation
    ) -> Diagnostic {
        .error(
            id: "container-present", "\(pod.words) already has a container \(name)",
            at: location,
            help: "remove it: the comments by which tproxy finds its own lines are missing")
    }

    static func configurationPresent(
        _ annotation: PodAnnotation, of pod: KubernetesPod
    ) -> Diagnostic {
        .error(
            id: "configuration-present",
            "\(pod.words) already has the annotation \(annotation.name)",
            at: annotation.origin.location,
            help: "move its text to a file and pass that with --config")
    }

    static func runsAsProxy(
        _ container: String, _ user: String, of pod: KubernetesPod, at location: SourceLocation
    ) -> Diagnostic {
        .warning(
            id: "runs-as-proxy",
            "container \(container) of \(pod.words) runs as UID \(user), as the proxy does: its"
                + " traffic bypasses the proxy",
            at: location, help: "give it another runAsUser")
    }

    static func invalidImage(_ image: String) -> Diagnostic {
        .error(
            id: "invalid-image", "'\(image)' is not the name of an image",
            help: "give a name such as registry.example/tproxy:1.0")
    }
}
