import Diagnostics
import KubernetesConfig
import TproxyConfig
import TproxyConfigYAML

extension Manifest {
    /// Returns what a pod of the manifest says about the redirection of its traffic.
    func reading(_ place: ManifestPod, sidecar: String) -> KubernetesPod {
        let annotations = (place.pod["metadata", "annotations"]?.entries ?? []).compactMap {
            entry -> PodAnnotation? in
            guard let value = entry.value.text ?? entry.value.emptyText else { return nil }
            return PodAnnotation(name: entry.key, value: value, origin: origin(of: entry.value))
        }
        return KubernetesPod(
            kind: place.kind, namespace: place.namespace, name: place.name,
            annotations: annotations,
            probePorts: place.containers.flatMap { probePorts(of: $0) },
            sidecarUser: sidecarUser(of: place, named: sidecar))
    }

    private func origin(of node: YAMLNode) -> Origin {
        let text = node.text ?? ""
        var mark = node.start
        if case .scalar(_, isPlain: false) = node.content { mark.column += 1 }
        return .file(self.place(mark, length: max(1, text.characterCount)))
    }

    private func sidecarUser(of place: ManifestPod, named name: String) -> SidecarUser? {
        guard let container = place.containers.first(where: { $0["name"]?.text == name }),
            let user = container["securityContext", "runAsUser"], let text = user.text
        else { return nil }
        return SidecarUser(container: name, user: text, origin: origin(of: user))
    }

    private func probePorts(of container: YAMLNode) -> [ProbePort] {
        let name = container["name"]?.text ?? "?"
        return ["livenessProbe", "readinessProbe", "startupProbe"].flatMap { probe in
            ["httpGet", "tcpSocket", "grpc"].compactMap { handler -> ProbePort? in
                guard let port = container[probe, handler, "port"], let text = port.text else {
                    return nil
                }
                return ProbePort(
                    container: name, port: Self.number(of: text, in: container),
                    origin: origin(of: port))
            }
        }
    }

    /// Returns the number of a port that a probe names; an unknown name as it is.
    private static func number(of port: String, in container: YAMLNode) -> String {
        let named = container["ports"]?.items?.first { $0["name"]?.text == port }
        return named?["containerPort"]?.text ?? port
    }
}

extension YAMLNode {
    /// The empty text of a key without a value.
    fileprivate var emptyText: String? {
        if case .null = content { "" } else { nil }
    }
}
