import JSON

/// The plugin's part of a network configuration, as the runtime passes it on standard input.
struct PluginConfiguration {
    /// The name of the runtime's capability that passes a pod's annotations.
    static let annotationsCapability = "io.kubernetes.cri.pod-annotations"
    /// The name of the runtime's capability that passes a pod's cgroup.
    private static let cgroupCapability = "cgroupPath"

    let version: CNIVersion
    /// The result of the plugin before this one; nil if there is none.
    let previousResult: JSONValue?
    /// The pod's annotations; nil if the runtime doesn't pass them.
    let annotations: [String: String]?
    /// The pod's cgroup; nil if the runtime doesn't pass it.
    let cgroup: String?
    /// Namespaces whose pods are never in the mesh.
    let excludedNamespaces: [String]
    /// The DaemonSet of the node agent, `NAMESPACE/NAME`, whose pods always pass.
    let agent: String
    /// The Unix socket of the node agent, which knows pods' annotations as well.
    let agentSocket: String
    /// Files that configure all pods; later ones win.
    let configurationFiles: [String]

    /// Keys that belong to the specification or to the runtime.
    private static let standardKeys: Set<String> = [
        "cniVersion", "name", "type", "capabilities", "args", "runtimeConfig", "prevResult",
        "disableCheck",
    ]

    init(_ json: JSONValue, for verb: CNIInvocation.Verb) throws(CNIError) {
        guard let members = json.object else {
            throw CNIError(.undecodable, "the network configuration is not an object")
        }
        version = try Self.version(members["cniVersion"], for: verb)
        let name = members["name"]?.string ?? ""
        guard isCNIName(name) else {
            throw CNIError(
                .invalidConfiguration,
                "the network's name is '\(name)'; it must be letters, digits, '.', '_' and '-',"
                    + " beginning with a letter or digit")
        }
        let known = Self.standardKeys.union([
            "excludeNamespaces", "agent", "agentSocket", "configFiles",
        ])
        for key in members.keys.sorted() where !known.contains(key) && !key.hasPrefix("cni.dev/") {
            let value = (members[key] ?? .null).text(.compact)
            throw CNIError(
                .unsupportedField, "unsupported field '\(key)' with value \(value); remove it")
        }
        excludedNamespaces =
            try Self.texts(members["excludeNamespaces"], "excludeNamespaces") ?? ["kube-system"]
        agent = try Self.text(members["agent"], "agent") ?? "kube-system/tproxy-agent"
        agentSocket =
            try Self.text(members["agentSocket"], "agentSocket") ?? AgentQuestion.defaultSocket
        configurationFiles = try Self.texts(members["configFiles"], "configFiles") ?? []
        annotations = try Self.annotations(members["runtimeConfig"])
        let cgroup = members["runtimeConfig"]?[Self.cgroupCapability]
        self.cgroup = cgroup == .null ? nil : try Self.text(cgroup, Self.cgroupCapability)
        switch members["prevResult"] {
        case nil, .null: previousResult = nil
        case .object(let result): previousResult = .object(result)
        case _: throw CNIError(.invalidConfiguration, "prevResult is not an object")
        }
    }

    private static func version(
        _ value: JSONValue?, for verb: CNIInvocation.Verb
    ) throws(CNIError) -> CNIVersion {
        // A configuration without a version is of the first one, 0.1.0.
        let text = value?.string ?? value?.text(.compact) ?? "0.1.0"
        guard let version = CNIVersion(rawValue: text) else {
            throw CNIError(
                .incompatibleVersion,
                "cniVersion '\(text)' isn't supported; use one of \(CNIVersion.allTexts)")
        }
        guard version >= verb.firstVersion else {
            throw CNIError(
                .incompatibleVersion,
                "cniVersion \(text) has no \(verb.rawValue); it begins with"
                    + " \(verb.firstVersion.rawValue)")
        }
        return version
    }

    private static func annotations(
        _ runtimeConfig: JSONValue?
    ) throws(CNIError) -> [String: String]? {
        guard let passed = runtimeConfig?[annotationsCapability] else { return nil }
        switch passed {
        // The runtime passes no map for a pod without annotations.
        case .null: return [:]
        case .object(let members):
            var annotations: [String: String] = [:]
            for (name, value) in members {
                guard let text = value.string else {
                    throw CNIError(
                        .invalidConfiguration, "annotation \(name) in runtimeConfig is not a text")
                }
                annotations[name] = text
            }
            return annotations
        case _:
            throw CNIError(
                .invalidConfiguration,
                "'\(annotationsCapability)' in runtimeConfig is not an object")
        }
    }

    private static func text(_ value: JSONValue?, _ key: String) throws(CNIError) -> String? {
        guard let value else { return nil }
        guard let text = value.string else {
            throw CNIError(.invalidConfiguration, "'\(key)' is not a text")
        }
        return text
    }

    private static func texts(_ value: JSONValue?, _ key: String) throws(CNIError) -> [String]? {
        guard let value else { return nil }
        let texts = value.array?.compactMap(\.string)
        guard let texts, texts.count == value.array?.count else {
            throw CNIError(.invalidConfiguration, "'\(key)' is not a list of texts")
        }
        return texts
    }
}
