package import Diagnostics
package import TproxyConfig
import TproxyConfigYAML

/// A configuration and the diagnostics of reading it.
package struct ConfigurationReading {
    package let config: TproxyConfig
    /// Warnings and notes; errors are thrown.
    package let notices: [Diagnostic]

    /// Reads the files and merges them with the environment and the flags; later sources win.
    ///
    /// Throws all errors together. `paths` may contain `-` for standard input. `usesOldFlag` means
    /// that one was given by Kuma's former flag.
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

    /// Creates the backends with the programs that `flags` and one environment variable name.
    ///
    /// For commands without a configuration: an error elsewhere must not prevent the removal of
    /// rules.
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
