import KubernetesConfig
import LinuxHost

/// The pod for which the runtime calls, and what to do with it.
struct CNIPod {
    enum Treatment {
        /// Its network stays as it is.
        case pass
        case redirect
    }

    private(set) var pod: KubernetesPod
    private let configuration: PluginConfiguration
    private let uid: String

    init(_ invocation: CNIInvocation, _ configuration: PluginConfiguration) {
        let namespace = invocation.arguments["K8S_POD_NAMESPACE"] ?? ""
        let name = invocation.arguments["K8S_POD_NAME"] ?? invocation.containerID
        pod = KubernetesPod(
            namespace: namespace, name: name, annotations: configuration.annotations ?? [:])
        uid = invocation.arguments["K8S_POD_UID"] ?? ""
        self.configuration = configuration
    }

    /// Where the pod is on the node.
    var place: PodPlace { PodPlace(cgroup: configuration.cgroup, uid: uid) }

    /// Decides about the pod.
    ///
    /// A pod that may be in the mesh fails rather than starting without rules.
    mutating func treatment() throws(CNIError) -> Treatment {
        if configuration.excludedNamespaces.contains(pod.namespace) || isAgent { return .pass }
        if configuration.annotations == nil {
            pod = KubernetesPod(
                namespace: pod.namespace, name: pod.name, annotations: try agentsAnnotations())
        }
        switch pod.membership {
        case .meshed: return .redirect
        case .notMeshed: return .pass
        case .undetermined(let diagnostic):
            throw CNIError(.invalidConfiguration, pod.words, [diagnostic])
        }
    }

    /// Returns the annotations that the node agent knows, for a runtime that passes none.
    private func agentsAnnotations() throws(CNIError) -> [String: String] {
        let connection = AgentConnection(path: configuration.agentSocket)
        guard !pod.namespace.isEmpty, connection.isThere else {
            let name = PluginConfiguration.annotationsCapability
            throw CNIError(
                .invalidConfiguration,
                "\(pod.words): the runtime passes no annotations, so that the pod may be in the mesh;"
                    + " set \"capabilities\": {\"\(name)\": true} in the plugin's configuration, or"
                    + " run the node agent, which isn't at '\(configuration.agentSocket)'")
        }
        return try connection.annotations(
            of: AgentQuestion(namespace: pod.namespace, name: pod.name, uid: uid))
    }

    /// Whether this is a pod of the agent's DaemonSet, whose name the controller has extended.
    private var isAgent: Bool {
        let prefix = configuration.agent + "-"
        let name = "\(pod.namespace)/\(pod.name)"
        guard name.hasPrefix(prefix) else { return false }
        let suffix = name.dropFirst(prefix.count)
        return suffix.utf8.count == 5
            && suffix.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            }
    }
}
