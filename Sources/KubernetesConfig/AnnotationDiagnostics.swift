import Diagnostics
import TproxyConfig

// Messages about the annotations of a pod; each names the pod, and the annotation or container.
extension Diagnostic {
    /// Returns the diagnostic with a note that names the annotation and the pod.
    func noting(_ annotation: PodAnnotation, of pod: KubernetesPod) -> Diagnostic {
        var noted = self
        noted.notes.append("it is in annotation \(annotation.name) of \(pod.words)")
        return noted
    }

    static func emptyAnnotation(
        _ annotation: PodAnnotation, of pod: KubernetesPod
    ) -> Diagnostic {
        .warning(
            id: "empty-annotation",
            "annotation \(annotation.name) of \(pod.words) is empty and sets nothing",
            at: annotation.origin.location, help: "remove it, or give it a value")
    }

    static func deprecatedAnnotation(
        _ annotation: PodAnnotation, of pod: KubernetesPod, isIgnored: Bool, _ current: String
    ) -> Diagnostic {
        .warning(
            id: "deprecated-annotation",
            "annotation \(annotation.name) of \(pod.words) is deprecated"
                + (isIgnored ? ", and is ignored beside \(current)" : ""),
            at: annotation.origin.location,
            help: isIgnored ? "remove it" : "write \(current) instead")
    }

    static func unknownAnnotation(
        _ annotation: PodAnnotation, of pod: KubernetesPod, near: String?
    ) -> Diagnostic {
        .error(
            id: "unknown-annotation",
            "unknown annotation '\(annotation.name)' of \(pod.words)",
            at: annotation.origin.location,
            help: near.map { "did you mean '\($0)'?" }
                ?? "see docs/kubernetes/README.md for the names")
    }

    static func invalidToggle(_ annotation: PodAnnotation, of pod: KubernetesPod) -> Diagnostic {
        .error(
            id: "invalid-toggle", "'\(annotation.value)' is neither enabled nor disabled",
            at: annotation.origin.location, help: "write enabled or disabled"
        ).noting(annotation, of: pod)
    }

    static func invalidProbePort(
        _ annotation: PodAnnotation, of pod: KubernetesPod, isZeroAllowed: Bool
    ) -> Diagnostic {
        .error(
            id: "invalid-port", "'\(annotation.value)' is not a port",
            at: annotation.origin.location,
            help: isZeroAllowed
                ? "give a number from 1 to 65535, or 0 to turn the probe proxy off"
                : "give a number from 1 to 65535"
        ).noting(annotation, of: pod)
    }

    static func proxyingDisabled(
        _ annotation: PodAnnotation, of pod: KubernetesPod
    ) -> Diagnostic {
        .error(
            id: "proxying-disabled",
            "\(pod.words) turns the transparent proxy off, which is impossible on Kubernetes",
            at: annotation.origin.location,
            notes: [
                "without it the traffic of a pod in the mesh would bypass the proxy and its policies",
                "the annotation is \(annotation.name)",
            ],
            help: "remove the annotation; to keep the pod out of the mesh, give it the label"
                + " kuma.io/sidecar-injection: disabled")
    }

    static func userName(
        _ name: String, of pod: KubernetesPod, at location: SourceLocation?
    ) -> Diagnostic {
        .error(
            id: "user-name-in-pod",
            "user '\(name)' of \(pod.words) can't be looked up: the accounts are the container's",
            at: location, help: "give the number, as in kuma.io/sidecar-uid: \"5678\"")
    }

    static func invalidSidecarUser(_ user: SidecarUser, of pod: KubernetesPod) -> Diagnostic {
        .error(
            id: "invalid-uid",
            "runAsUser '\(user.user)' of container \(user.container) in \(pod.words) is not a UID",
            at: user.origin.location, help: "give a number from 0 to 4294967294")
    }

    static func otherSidecarUser(
        _ configured: Setting<ProxyUser?>, _ user: SidecarUser, of pod: KubernetesPod
    ) -> Diagnostic {
        .error(
            id: "other-sidecar-user",
            "container \(user.container) of \(pod.words) runs as UID \(user.user), and the"
                + " configuration has \(configured.value.map { "\($0)" } ?? "no user")",
            at: user.origin.location,
            notes: ["the configured user is from \(configured.origin)"],
            help: "give both the same UID: the proxy's own traffic must bypass the proxy")
    }

    static func unresolvedProbePort(_ probe: ProbePort, of pod: KubernetesPod) -> Diagnostic {
        .error(
            id: "unknown-probe-port",
            "container \(probe.container) of \(pod.words) has no port named '\(probe.port)'",
            at: probe.origin.location,
            help: "name the port in the container's ports, or give the probe a number")
    }
}
