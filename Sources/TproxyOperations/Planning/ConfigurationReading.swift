package import Diagnostics
import KubernetesConfig
package import TproxyConfig
import TproxyConfigYAML

/// A configuration and the diagnostics of reading it.
package struct ConfigurationReading {
    package let config: TproxyConfig
    /// Warnings and notes; errors are thrown.
    package let notices: [Diagnostic]

    /// Reads the files and merges them with the environment and the flags; later sources win.
    ///
    /// Throws all errors together. `paths` may contain `-` for standard input, and the text of a
    /// configuration itself. A file with a pod's annotations, as the downward API makes it, has the
    /// result be the configuration of that pod. `usesOldFlag` means that one was given by Kuma's
    /// former flag. The Dataplane resource of Kuma at `dataplane` must not contradict any of them.
    package init(
        files paths: [String], usesOldFlag: Bool = false, dataplane: String? = nil,
        environment: [String: String], flags: [FlagValue], allowUnknownKeys: Bool
    ) throws(OperationFailure) {
        var sources = Sources(
            environment: environment, flags: flags, allowUnknownKeys: allowUnknownKeys)
        var diagnostics: [Diagnostic] = []
        for path in paths {
            if Self.isText(path) { diagnostics.append(.inlineConfiguration()) }
            do throws(OperationFailure) {
                let file =
                    try Self.isText(path)
                    ? InputFile(name: "--config", text: path) : InputFile(path)
                try sources.add(file)
            } catch {
                diagnostics += error.diagnostics
            }
        }
        if usesOldFlag { diagnostics.append(.deprecatedConfigFile()) }
        if let dataplane {
            do throws(OperationFailure) {
                let resource = try Self.dataplane(dataplane, allowUnknownKeys)
                diagnostics += resource.warnings
                diagnostics += Self.contradictions(
                    sources.loaded.config, resource.configuration)
                // Without a contradiction, it doesn't matter which of them wins.
                sources.documents.insert(resource.configuration, at: 0)
            } catch {
                diagnostics += error.diagnostics
            }
        }
        let loaded = sources.loaded
        diagnostics += loaded.diagnostics
        guard diagnostics.allSatisfy({ $0.severity != .error }) else {
            throw OperationFailure(diagnostics)
        }
        config = loaded.config
        notices = diagnostics
    }

    /// What the configuration is merged from.
    private struct Sources {
        var documents: [RawDocument] = []
        /// The annotations of a pod; nil if no file has any.
        private var annotations: [PodAnnotation]?
        private let environment: [String: String]
        private let flags: [FlagValue]
        private let allowUnknownKeys: Bool

        init(environment: [String: String], flags: [FlagValue], allowUnknownKeys: Bool) {
            self.environment = environment
            self.flags = flags
            self.allowUnknownKeys = allowUnknownKeys
        }

        mutating func add(_ file: InputFile) throws(OperationFailure) {
            guard PodAnnotationsFile.isOne(file.text) else {
                switch YAMLDocument.parse(text: file.text, source: file.name) {
                case .success(let document): documents.append(document)
                case .failure(let problem): throw OperationFailure(problem.diagnostics)
                }
                return
            }
            do throws(PodAnnotationsFile.Problem) {
                let added = try PodAnnotationsFile(file.text, source: file.name).annotations
                let names = Set(added.map(\.name))
                annotations = (annotations ?? []).filter { !names.contains($0.name) } + added
            } catch {
                throw OperationFailure(error.diagnostics)
            }
        }

        var loaded: (config: TproxyConfig, diagnostics: [Diagnostic]) {
            guard let annotations else {
                let loaded = ConfigurationLoader.load(
                    files: documents, environment: environment, flags: flags,
                    allowUnknownKeys: allowUnknownKeys)
                return (loaded.config, loaded.diagnostics)
            }
            let pod = KubernetesPod(namespace: "", name: "", annotations: annotations)
            let configuration = PodConfiguration.of(
                pod, files: documents, environment: environment, flags: flags,
                allowUnknownKeys: allowUnknownKeys)
            return (configuration.config, configuration.diagnostics)
        }
    }

    private static func dataplane(
        _ path: String, _ allowUnknownKeys: Bool
    ) throws(OperationFailure) -> DataplaneResource {
        let file = try InputFile(path)
        switch DataplaneResource.parse(
            text: file.text, source: file.name, allowUnknownKeys: allowUnknownKeys)
        {
        case .success(let resource): return resource
        case .failure(let problem): throw OperationFailure(problem.diagnostics)
        }
    }

    /// Returns errors for settings that a configuration and a Dataplane have with different values.
    private static func contradictions(
        _ own: TproxyConfig, _ resource: RawDocument
    ) -> [Diagnostic] {
        let other = ConfigurationLoader.load(files: [resource], environment: [:], flags: []).config
        func contradiction<Value>(
            _ key: String, _ own: Setting<Value>, _ other: Setting<Value>
        ) -> Diagnostic? {
            guard own.origin != .builtIn, other.origin != .builtIn, own.value != other.value
            else { return nil }
            return .contradictoryDataplane(
                key, "\(own.value)", own.origin, "\(other.value)", other.origin)
        }
        return [
            contradiction(
                "redirect.inbound.port", own.redirect.inbound.port, other.redirect.inbound.port),
            contradiction(
                "redirect.outbound.port", own.redirect.outbound.port,
                other.redirect.outbound.port),
            contradiction("ipFamilyMode", own.ipFamilyMode, other.ipFamilyMode),
        ].compactMap { $0 }
    }

    /// Whether a value of `--config` is a configuration instead of a path, as in Kuma 2.9 and 2.10.
    package static func isText(_ value: String) -> Bool {
        value.first { $0 != " " } == "{" || value.utf8.contains(UInt8(ascii: "\n"))
    }
}

extension BackendSelection {
    private static let programsVariable = "KUMA_TRANSPARENT_PROXY_IPTABLES_EXECUTABLES"

    /// Creates the backends with the programs that `flags` and one environment variable name.
    ///
    /// For commands without a configuration: an error elsewhere must not prevent the removal of
    /// rules.
    ///
    /// `tell` receives the warnings.
    package init(
        programs flags: [FlagValue], environment: [String: String],
        tell: ([Diagnostic]) -> Void = { _ in }
    ) throws(OperationFailure) {
        let loaded = ConfigurationLoader.load(
            files: [], environment: environment.filter { $0.key == Self.programsVariable },
            flags: flags, allowUnknownKeys: false)
        guard loaded.diagnostics.allSatisfy({ $0.severity != .error }) else {
            throw OperationFailure(loaded.diagnostics)
        }
        tell(loaded.diagnostics)
        self.init(paths: loaded.config.iptablesExecutables.value)
    }
}

extension Diagnostic {
    fileprivate static func contradictoryDataplane(
        _ key: String, _ own: String, _ ownOrigin: Origin, _ other: String, _ otherOrigin: Origin
    ) -> Diagnostic {
        .error(
            id: "contradictory-dataplane",
            "\(key) is \(own), and \(other) in the Dataplane at \(otherOrigin)",
            at: ownOrigin.location,
            notes: ["the rules would redirect to a port or a family that the proxy doesn't serve"],
            help: "remove the setting, or give both the same value")
    }
}
