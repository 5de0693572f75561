package import Diagnostics
package import HostFacts
package import RuleCompiler
package import TproxyConfig
import TproxyConfigYAML

/// Configurations written in tests.
package enum Configuration {
    package struct Refused: Error {
        package var diagnostics: [Diagnostic]
    }

    /// Loads YAML text, environment and flags as a command would.
    package static func load(
        _ yaml: String = "", environment: [String: String] = [:], flags: [FlagValue] = [],
        allowUnknownKeys: Bool = false
    ) -> Result<ConfigurationLoader.Loaded, Refused> {
        let documents: [RawDocument]
        switch YAMLDocument.parse(text: yaml, source: "tproxy.yaml") {
        case .success(let document): documents = [document]
        case .failure(let problem): return .failure(Refused(diagnostics: problem.diagnostics))
        }
        let loaded = ConfigurationLoader.load(
            files: documents, environment: environment, flags: flags,
            allowUnknownKeys: allowUnknownKeys)
        let isRefused = loaded.diagnostics.contains { $0.severity == .error }
        return isRefused ? .failure(Refused(diagnostics: loaded.diagnostics)) : .success(loaded)
    }

    /// The diagnostics of loading.
    package static func problems(
        _ yaml: String = "", environment: [String: String] = [:], flags: [FlagValue] = []
    ) -> [Diagnostic] {
        switch load(yaml, environment: environment, flags: flags) {
        case .success(let loaded): loaded.diagnostics
        case .failure(let refused): refused.diagnostics
        }
    }

    /// The rules of YAML text on a host.
    package static func compile(
        _ yaml: String, on facts: HostFacts = HostFacts()
    ) throws -> RuleCompiler.Compilation {
        compile(try load(yaml).get().config, on: facts)
    }

    package static func compile(
        _ config: TproxyConfig, on facts: HostFacts = HostFacts()
    ) -> RuleCompiler.Compilation {
        RuleCompiler(config, on: facts).compile()
    }
}
