package import JSON
package import KubernetesConfig

/// A pod as the API server has it, as far as the agent of its node needs it.
package struct NodePod: Sendable {
    package var uid: String
    /// The UID in the names of the pod's cgroups, which the node itself chooses for static pods.
    package var cgroupUID: String
    /// Its name and annotations.
    package var pod: KubernetesPod
    package var usesNodeNetwork: Bool
    /// The init container that loads the pod's rules; nil if it has none.
    package var initContainer: String?
    /// Whether all its containers have ended.
    package var isFinished: Bool
    package var annotations: [String: String]

    /// The names of init containers that load rules: those of Kuma and of `tproxy kube inject`.
    private static let initContainers = ["kuma-init", "tproxy-init"]

    /// Reads a Pod; nil if it has no name or UID.
    package init?(_ json: JSONValue) {
        guard let metadata = json["metadata"], let uid = metadata["uid"]?.string,
            let name = metadata["name"]?.string, let namespace = metadata["namespace"]?.string
        else { return nil }
        self.uid = uid
        let annotations = (metadata["annotations"]?.object ?? [:]).compactMapValues(\.string)
        cgroupUID = annotations["kubernetes.io/config.mirror"] ?? uid
        self.annotations = annotations
        pod = KubernetesPod(namespace: namespace, name: name, annotations: annotations)
        usesNodeNetwork = json["spec"]?["hostNetwork"] == .bool(true)
        let names = (json["spec"]?["initContainers"]?.array ?? []).compactMap { $0["name"]?.string }
        initContainer = names.first { Self.initContainers.contains($0) }
        isFinished = ["Succeeded", "Failed"].contains(json["status"]?["phase"]?.string)
    }
}
