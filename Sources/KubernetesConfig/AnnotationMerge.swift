import Addressing
import Diagnostics
import TproxyConfig
import TproxyConfigYAML

/// Turns the annotations of a pod into documents that the loader merges.
struct AnnotationMerge {
    /// The document of `traffic.kuma.io/transparent-proxy-config`.
    private(set) var base: [RawDocument] = []
    /// The documents of all other annotations.
    private(set) var documents: [RawDocument] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Diagnostics of `excludeProbes`.
    private(set) var lateDiagnostics: [Diagnostic] = []

    private let pod: KubernetesPod
    private let allowUnknownKeys: Bool
    private var probeProxyPort = Setting(9001)
    private var usesVirtualProbes = false
    private var virtualProbesPort = Setting(9000)

    init(_ pod: KubernetesPod, allowUnknownKeys: Bool) {
        self.pod = pod
        self.allowUnknownKeys = allowUnknownKeys
    }

    /// Reads all annotations; one with an error sets nothing.
    mutating func read() {
        refuseUnknownNames()
        for known in RedirectionAnnotation.all {
            guard let annotation = self.annotation(known) else { continue }
            // An empty value sets nothing: it must neither exclude everything nor nothing.
            guard annotation.value.utf8.contains(where: { $0 > 0x20 }) else {
                diagnostics.append(.emptyAnnotation(annotation, of: pod))
                continue
            }
            read(annotation, as: known)
        }
    }

    /// Returns the annotation under its own or a former name; its own wins.
    private mutating func annotation(_ known: RedirectionAnnotation) -> PodAnnotation? {
        let current = pod.annotation(known.name)
        for name in known.formerNames {
            guard let former = pod.annotation(name) else { continue }
            diagnostics.append(
                .deprecatedAnnotation(former, of: pod, isIgnored: current != nil, known.name))
            if current == nil { return former }
        }
        return current
    }

    private mutating func read(_ annotation: PodAnnotation, as known: RedirectionAnnotation) {
        let origin = annotation.origin
        switch known.meaning {
        case .none: break
        case .key(let path):
            add(path, RawNode(.scalar(annotation.value), from: origin), of: annotation)
        case .toggle(let paths):
            guard let isOn = toggle(annotation) else { return }
            for path in paths {
                add(path, RawNode(.scalar("\(isOn)"), from: origin), of: annotation)
            }
        case .owners(let transport):
            let current = "traffic.kuma.io/exclude-outbound-ports-for-uids"
            diagnostics.append(
                .deprecatedAnnotation(annotation, of: pod, isIgnored: false, current))
            addOwners(annotation, transport)
        case .gateway:
            let isGateway =
                ["builtin", "provided"].contains(annotation.value) ? true : toggle(annotation)
            guard isGateway == true else { return }
            add("redirect.inbound.enabled", RawNode(.scalar("false"), from: origin), of: annotation)
        case .configuration: readConfiguration(annotation)
        case .probeProxyPort:
            if let port = self.port(annotation, isZeroAllowed: true) { probeProxyPort = port }
        case .virtualProbes:
            usesVirtualProbes = toggle(annotation) ?? false
        case .virtualProbesPort:
            if let port = self.port(annotation, isZeroAllowed: false) { virtualProbesPort = port }
        case .proxying:
            if toggle(annotation) == false {
                diagnostics.append(.proxyingDisabled(annotation, of: pod))
            }
        }
    }

    private mutating func readConfiguration(_ annotation: PodAnnotation) {
        let source = annotation.source ?? "\(pod.words), annotation \(annotation.name)"
        switch YAMLDocument.parse(text: annotation.value, source: source) {
        case .success(let document): base = accepted(document, of: annotation)
        case .failure(let problem): diagnostics += problem.diagnostics
        }
    }

    /// Adds the owners of one protocol to those that another annotation excludes.
    private mutating func addOwners(_ annotation: PodAnnotation, _ transport: String) {
        let own = AnnotationValue.owners(annotation.value, transport, from: annotation.origin)
        let path = "redirect.outbound.excludePortsForUIDs"
        guard !accepted(AnnotationValue.document(setting: path, to: own), of: annotation).isEmpty
        else { return }
        owners.append(own)
        var items: [RawNode] = []
        for node in owners {
            if case .list(let own) = node.content { items += own } else { items.append(node) }
        }
        documents.append(
            AnnotationValue.document(
                setting: path, to: RawNode(.list(items), from: annotation.origin)))
    }

    /// The values of the annotations that exclude owners.
    private var owners: [RawNode] = []

    private mutating func add(_ path: String, _ node: RawNode, of annotation: PodAnnotation) {
        let document = accepted(
            AnnotationValue.document(setting: path, to: node), of: annotation)
        documents += document
        if path == "redirect.outbound.excludePortsForUIDs", !document.isEmpty {
            owners.append(node)
        }
    }

    /// Returns the document if it is valid by itself, and reports its errors with the annotation.
    private mutating func accepted(
        _ document: RawDocument, of annotation: PodAnnotation
    ) -> [RawDocument] {
        let errors = ConfigurationLoader.load(
            files: [document], environment: [:], flags: [], allowUnknownKeys: allowUnknownKeys
        ).diagnostics.filter { $0.severity == .error }
        diagnostics += errors.map { $0.noting(annotation, of: pod) }
        return errors.isEmpty ? [document] : []
    }

    private mutating func toggle(_ annotation: PodAnnotation) -> Bool? {
        let isOn = AnnotationValue.toggle(annotation.value)
        if isOn == nil { diagnostics.append(.invalidToggle(annotation, of: pod)) }
        return isOn
    }

    private mutating func port(
        _ annotation: PodAnnotation, isZeroAllowed: Bool
    ) -> Setting<Int>? {
        guard let port = AnnotationValue.portOrZero(annotation.value), isZeroAllowed || port > 0
        else {
            diagnostics.append(
                .invalidProbePort(annotation, of: pod, isZeroAllowed: isZeroAllowed))
            return nil
        }
        return Setting(port, from: annotation.origin)
    }

    // MARK: Probes

    /// Excludes the ports of the kubelet's probes, which come from outside the mesh.
    mutating func excludeProbes(in config: inout TproxyConfig) {
        guard config.redirect.inbound.enabled.value else { return }
        var ports: [Setting<Port>] = []
        if usesVirtualProbes, let port = Port("\(virtualProbesPort.value)") {
            ports.append(Setting(port, from: virtualProbesPort.origin))
        }
        if let port = Port("\(probeProxyPort.value)") {
            ports.append(Setting(port, from: probeProxyPort.origin))
        } else {
            for probe in pod.probePorts {
                if let port = Port(probe.port) {
                    ports.append(Setting(port, from: probe.origin))
                } else {
                    lateDiagnostics.append(.unresolvedProbePort(probe, of: pod))
                }
            }
        }
        var excluded = config.redirect.inbound.excludePorts
        for port in ports where !excluded.value.contains(where: { $0.value == port.value }) {
            excluded.value.append(port)
            if excluded.origin == .builtIn { excluded.origin = port.origin }
        }
        config.redirect.inbound.excludePorts = excluded
    }

    // MARK: Names

    /// Refuses names that look like an annotation of the redirection and aren't one.
    private mutating func refuseUnknownNames() {
        let known = RedirectionAnnotation.all.flatMap { [$0.name] + $0.formerNames }
        for annotation in pod.annotations.sorted(by: { $0.name < $1.name }) {
            let name = annotation.name
            guard !known.contains(name), !RedirectionAnnotation.others.contains(name) else {
                continue
            }
            let isOurs =
                name.hasPrefix("traffic.kuma.io/") || name.hasPrefix("kuma.io/transparent-proxying")
            guard isOurs || name.hasPrefix("kuma.io/") else { continue }
            // A diagnostic beyond the number shown needs no suggestion.
            let isSearched = !isOurs || diagnostics.count < Diagnostic.shownAtOnce
            let near = isSearched ? nearestName(to: name, among: known) : nil
            guard isOurs || near != nil else { continue }
            diagnostics.append(.unknownAnnotation(annotation, of: pod, near: near))
        }
    }
}
