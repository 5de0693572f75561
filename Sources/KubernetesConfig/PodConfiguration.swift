import Addressing
package import Diagnostics
package import TproxyConfig
import TproxyConfigYAML

/// The configuration of one pod.
package struct PodConfiguration: Sendable {
    /// Valid only if no diagnostic is an error.
    package let config: TproxyConfig
    package let diagnostics: [Diagnostic]

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Merges everything that configures a pod; later sources win.
    ///
    /// The sources are the defaults of pods, the annotation
    /// `traffic.kuma.io/transparent-proxy-config`, `files` in their order, and the single
    /// annotations. The first annotation is what Kuma's control plane has made of its runtime
    /// values, so that a ConfigMap among the files still counts. The variables and flags of a command
    /// in the pod win over all of them.
    package static func of(
        _ pod: KubernetesPod, files: [RawDocument], environment: [String: String] = [:],
        flags: [FlagValue] = [], allowUnknownKeys: Bool = false
    ) -> PodConfiguration {
        var merge = AnnotationMerge(pod, allowUnknownKeys: allowUnknownKeys)
        merge.read()
        let loaded = ConfigurationLoader.load(
            files: [defaults] + merge.base + files + merge.documents, environment: environment,
            flags: flags, allowUnknownKeys: allowUnknownKeys)
        var config = loaded.config
        var diagnostics = merge.diagnostics + loaded.diagnostics
        settleUser(of: pod, &config, &diagnostics)
        merge.excludeProbes(in: &config)
        return PodConfiguration(config: config, diagnostics: diagnostics + merge.lateDiagnostics)
    }

    /// Where the defaults of pods differ from those of hosts: DNS is redirected, and the proxy has
    /// a number.
    private static let defaults: RawDocument = {
        func entry(_ key: String, _ content: RawNode.Content) -> RawNode.Entry {
            RawNode.Entry(key: key, keyOrigin: .builtIn, value: RawNode(content, from: .builtIn))
        }
        let dns = [entry("enabled", .scalar("true")), entry("captureAll", .scalar("true"))]
        return RawDocument(entries: [
            entry("kumaDPUser", .scalar("\(UserID.kumaDefault)")),
            entry("redirect", .mapping([entry("dns", .mapping(dns))])),
        ])
    }()

    /// Determines the proxy's UID: no account of the pod can be looked up.
    private static func settleUser(
        of pod: KubernetesPod, _ config: inout TproxyConfig, _ diagnostics: inout [Diagnostic]
    ) {
        if let sidecar = pod.sidecarUser {
            guard let user = UserID(sidecar.user) else {
                diagnostics.append(.invalidSidecarUser(sidecar, of: pod))
                return
            }
            if config.kumaDPUser.origin == .builtIn {
                config.kumaDPUser = Setting(.id(user), from: sidecar.origin)
            } else if config.kumaDPUser.value != .id(user) {
                diagnostics.append(.otherSidecarUser(config.kumaDPUser, sidecar, of: pod))
            }
        }
        switch config.kumaDPUser.value {
        case .id: break
        // An empty value in a ConfigMap is no value.
        case nil: config.kumaDPUser.value = .id(.kumaDefault)
        case .name(let name):
            diagnostics.append(
                .userName(name, of: pod, at: config.kumaDPUser.origin.location))
        }
    }
}

extension KubernetesPod {
    /// Whether the pod's traffic has to be redirected.
    package enum Membership: Sendable {
        case meshed
        case notMeshed
        /// The annotation has a value of neither meaning.
        case undetermined(Diagnostic)
    }

    /// Determines from the annotations alone whether the pod has a proxy.
    ///
    /// The control plane sets `kuma.io/sidecar-injected`, and `tproxy kube inject --cni` the
    /// configuration.
    package var membership: Membership {
        if let injected = annotation(RedirectionAnnotation.injectedName) {
            return switch AnnotationValue.toggle(injected.value) {
            case true?: .meshed
            case false?: .notMeshed
            case nil: .undetermined(.invalidToggle(injected, of: self))
            }
        }
        return annotation(RedirectionAnnotation.configurationName) == nil ? .notMeshed : .meshed
    }
}
