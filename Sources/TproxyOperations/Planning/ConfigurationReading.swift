package import Diagnostics
package import TproxyConfig
import TproxyConfigYAML

/// A configuration as it was read, and what there was to say of it.
package struct ConfigurationReading {
    package let config: TproxyConfig
    /// Warnings and notes; an error is thrown.
    package let notices: [Diagnostic]

    /// Reads the files and merges them with the environment and the flags; later ones win.
    ///
    /// Throws all problems together. `paths` may hold `-`, for standard input; `usesOldFlag` says that
    /// one was given by Kuma's former flag for it.
    package init(
        files paths: [String], usesOldFlag: Bool = false, environment: [String: String],
        flags: [FlagValue], allowUnknownKeys: Bool
    ) throws(OperationFailure) {
        var documents: [RawDocument] = []
        var diagnostics: [Diagnostic] = []
        for path in paths {
            do throws(OperationFailure) {
                let file = try InputFile(path)
                switch YAMLDocument.parse(text: file.text, source: file.name) {
                case .success(let document): documents.append(document)
                case .failure(let problem): diagnostics += problem.diagnostics
                }
            } catch {
                diagnostics += error.diagnostics
            }
        }
        if usesOldFlag { diagnostics.append(.deprecatedConfigFile()) }
        let loaded = ConfigurationLoader.load(
            files: documents, environment: environment, flags: flags,
            allowUnknownKeys: allowUnknownKeys)
        diagnostics += loaded.diagnostics
        guard diagnostics.allSatisfy({ $0.severity != .error }) else {
            throw OperationFailure(diagnostics)
        }
        config = loaded.config
        notices = diagnostics
    }
}

extension BackendSelection {
    private static let programsVariable = "KUMA_TRANSPARENT_PROXY_IPTABLES_EXECUTABLES"

    /// The backends with the programs that `flags` and one variable of the environment name.
    ///
    /// For what takes no configuration: no mistake elsewhere keeps rules from being taken out.
    package init(
        programs flags: [FlagValue], environment: [String: String]
    ) throws(OperationFailure) {
        let loaded = ConfigurationLoader.load(
            files: [], environment: environment.filter { $0.key == Self.programsVariable },
            flags: flags, allowUnknownKeys: false)
        guard loaded.diagnostics.allSatisfy({ $0.severity != .error }) else {
            throw OperationFailure(loaded.diagnostics)
        }
        self.init(paths: loaded.config.iptablesExecutables.value)
    }
}
