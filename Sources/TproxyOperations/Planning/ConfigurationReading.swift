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
    /// Throws all errors together. `paths` may contain `-` for standard input, and the text of a
    /// configuration itself. `usesOldFlag` means that one was given by Kuma's former flag.
    package init(
        files paths: [String], usesOldFlag: Bool = false, environment: [String: String],
        flags: [FlagValue], allowUnknownKeys: Bool
    ) throws(OperationFailure) {
        var documents: [RawDocument] = []
        var diagnostics: [Diagnostic] = []
        for path in paths {
            if Self.isText(path) { diagnostics.append(.inlineConfiguration()) }
            do throws(OperationFailure) {
                let file =
                    try Self.isText(path)
                    ? InputFile(name: "--config", text: path) : InputFile(path)
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
