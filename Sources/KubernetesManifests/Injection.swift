package import Diagnostics
import KubernetesConfig
package import TproxyConfig
import TproxyConfigYAML

/// Adds the transparent proxy to the pods of a manifest, and removes it again.
///
/// Only whole lines are added, between two comments. All other bytes stay.
package struct Injection {
    /// How the rules get into the pod's network namespace.
    package enum Method: Hashable, Sendable {
        /// An init container with this image loads them.
        case initContainer(image: String)
        /// The plugin `tproxy-cni` loads them; the pod needs annotations only.
        case plugin
    }

    /// A manifest that was changed, and warnings about it.
    package struct Result: Sendable {
        package var text: String
        package var notices: [Diagnostic]
    }

    private let method: Method
    /// The name of the proxy's container.
    private let sidecar: String
    private let files: [RawDocument]
    private let allowUnknownKeys: Bool

    /// Creates an injection; `files` are configuration files, of which later ones win.
    package init(
        _ method: Method, sidecar: String, files: [RawDocument], allowUnknownKeys: Bool
    ) {
        self.method = method
        self.sidecar = sidecar
        self.files = files
        self.allowUnknownKeys = allowUnknownKeys
    }

    /// Returns the manifest with the proxy in each of its pods; repeating it changes nothing.
    package func inject(
        _ text: String, source name: String
    ) throws(ManifestProblem) -> Result {
        if case .initContainer(let image) = method, !InjectedText.isImage(image) {
            throw ManifestProblem(.invalidImage(image))
        }
        let original = SourceText(
            try MarkedLines.ejecting(from: SourceText(text, name: name)), name: name)
        let manifest = try Manifest(original)
        var blocks: [MarkedLines] = []
        var errors: [Diagnostic] = []
        var notices: [Diagnostic] = []
        if manifest.pods.isEmpty { notices.append(.noPods(name)) }
        for place in manifest.pods {
            do throws(ManifestProblem) {
                blocks += try additions(to: place, in: manifest, &notices)
            } catch {
                errors += error.diagnostics
            }
        }
        guard errors.isEmpty else { throw ManifestProblem(notices + errors) }
        let (injected, lines) = MarkedLines.inserting(blocks, into: original)
        try check(injected, lines, manifest)
        return Result(text: injected, notices: notices)
    }

    /// Returns the manifest as it was before `inject`.
    package static func eject(
        _ text: String, source name: String
    ) throws(ManifestProblem) -> String {
        try MarkedLines.ejecting(from: SourceText(text, name: name))
    }

    private func additions(
        to place: ManifestPod, in manifest: Manifest, _ notices: inout [Diagnostic]
    ) throws(ManifestProblem) -> [MarkedLines] {
        let pod = manifest.reading(place, sidecar: sidecar)
        guard !place.isExcluded else {
            notices.append(.excludedPod(pod))
            return []
        }
        try checkIsInjectable(place, pod, manifest)
        let configuration = PodConfiguration.of(
            pod, files: files, allowUnknownKeys: allowUnknownKeys)
        guard !configuration.hasErrors else { throw ManifestProblem(configuration.diagnostics) }
        notices += configuration.diagnostics
        warnOfProxyUsers(place, pod, configuration.config, manifest, &notices)
        let text = InjectedText(config: configuration.config)
        var insertion = try PodInsertion(manifest, place, words: pod.words)
        try insertion.addAnnotations(text.annotations(without: Set(pod.annotations.map(\.name))))
        if case .initContainer(let image) = method {
            let first = pod.annotation("kuma.io/init-first")?.value
            let isFirst = first == "enabled" || first == "true" || first == "yes"
            try insertion.addItems([
                (
                    key: "initContainers", lines: text.container(image: image),
                    isAtEnd: !isFirst
                ),
                (key: "volumes", lines: text.volumes, isAtEnd: false),
            ])
        }
        return insertion.blocks
    }

    /// Throws for a pod that has the proxy already, or that mustn't have it.
    private func checkIsInjectable(
        _ place: ManifestPod, _ pod: KubernetesPod, _ manifest: Manifest
    ) throws(ManifestProblem) {
        if let network = place.pod["spec", "hostNetwork"], network.text == "true" {
            throw ManifestProblem(.hostNetwork(pod, at: manifest.place(network.start)))
        }
        let present = [InjectedText.containerName, "kuma-init"]
        for container in place.containers {
            guard let name = container["name"]?.text, present.contains(name) else { continue }
            throw ManifestProblem(
                .containerPresent(name, of: pod, at: manifest.place(container.start)))
        }
        if let annotation = pod.annotation(InjectedText.configurationName) {
            throw ManifestProblem(.configurationPresent(annotation, of: pod))
        }
    }

    /// Warns of containers that run as the proxy's user, so that their traffic bypasses the proxy.
    private func warnOfProxyUsers(
        _ place: ManifestPod, _ pod: KubernetesPod, _ config: TproxyConfig, _ manifest: Manifest,
        _ notices: inout [Diagnostic]
    ) {
        guard let proxy = config.kumaDPUser.value.map({ "\($0)" }) else { return }
        let ofPod = place.pod["spec", "securityContext", "runAsUser"]
        for container in place.containers {
            guard let name = container["name"]?.text, name != sidecar,
                let user = container["securityContext", "runAsUser"] ?? ofPod, user.text == proxy
            else { continue }
            notices.append(
                .runsAsProxy(name, proxy, of: pod, at: manifest.place(user.start)))
        }
    }

    /// Checks the result: it has all that the original has, and what was added is where it belongs.
    ///
    /// YAML has more ways to write a file than this type knows. One that it misreads is refused.
    private func check(
        _ injected: String, _ lines: Set<Int>, _ manifest: Manifest
    ) throws(ManifestProblem) {
        let source = SourceText(injected, name: manifest.source.name)
        let refusal = ManifestProblem(.notPreserved(manifest.source.name))
        guard let result = try? Manifest(source) else { throw refusal }
        let former = manifest.stream.documents
        let rest = result.stream.documents.map { $0.without(lines) }
        guard try MarkedLines.ejecting(from: source) == manifest.source.text,
            former.count == rest.count, zip(former, rest).allSatisfy({ $0.isSame(as: $1) }),
            result.pods.filter({ !$0.isExcluded }).allSatisfy(hasProxy)
        else { throw refusal }
    }

    private func hasProxy(_ place: ManifestPod) -> Bool {
        guard let annotations = place.pod["metadata", "annotations"],
            let configuration = annotations.entry(InjectedText.configurationName),
            configuration.value.text?.isEmpty == false
        else { return false }
        guard case .initContainer = method else { return true }
        let names = (place.pod["spec", "initContainers"]?.items ?? []).map { $0["name"]?.text }
        let volumes = (place.pod["spec", "volumes"]?.items ?? []).map { $0["name"]?.text }
        return [names.first, names.last].contains(InjectedText.containerName)
            && volumes.contains(InjectedText.volumeName)
    }
}
