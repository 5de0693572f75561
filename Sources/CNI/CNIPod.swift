import KubernetesConfig

/// The pod for which the runtime calls, and what to do with it.
struct CNIPod {
    enum Treatment {
        /// Its network stays as it is.
        case pass
        case redirect
    }

    let pod: KubernetesPod
    private let configuration: PluginConfiguration

    init(_ invocation: CNIInvocation, _ configuration: PluginConfiguration) {
        let namespace = invocation.arguments["K8S_POD_NAMESPACE"] ?? ""
        let name = invocation.arguments["K8S_POD_NAME"] ?? invocation.containerID
        let words = KubernetesPod(namespace: namespace, name: name, annotations: []).words
        let annotations = (configuration.annotations ?? [:]).sorted { $0.key < $1.key }.map {
            PodAnnotation(name: $0.key, value: $0.value, ofPod: words)
        }
        pod = KubernetesPod(namespace: namespace, name: name, annotations: annotations)
        self.configuration = configuration
    }

    /// Decides about the pod.
    ///
    /// A pod that may be in the mesh fails rather than starting without rules.
    func treatment() throws(CNIError) -> Treatment {
        if configuration.excludedNamespaces.contains(pod.namespace) || isAgent { return .pass }
        guard configuration.annotations != nil else {
            let name = PluginConfiguration.annotationsCapability
            throw CNIError(
                .invalidConfiguration,
                "\(pod.words): the runtime passes no annotations, so that the pod may be in the mesh;"
                    + " set \"capabilities\": {\"\(name)\": true} in the plugin's configuration")
        }
        switch pod.membership {
        case .meshed: return .redirect
        case .notMeshed: return .pass
        case .undetermined(let diagnostic):
            throw CNIError(.invalidConfiguration, pod.words, [diagnostic])
        }
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
