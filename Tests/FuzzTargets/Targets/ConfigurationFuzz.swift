import Diagnostics
import HostFacts
import RuleCompiler
import TproxyCommands
import TproxyConfig
import TproxyConfigYAML

extension FuzzTarget {
    /// A configuration file, and host facts after the first byte 0xFF.
    ///
    /// UTF-8 never contains that byte.
    static let configuration = FuzzTarget(name: "configuration") { bytes in
        let parts = bytes.split(separator: 0xFF, maxSplits: 1, omittingEmptySubsequences: false)
        guard let text = Array(parts[0]).text else { return }
        var facts = HostFacts()
        if parts.count > 1, let json = Array(parts[1]).text {
            switch CommandInput.facts(json) {
            case .success(let read): facts = read
            case .failure(let problem): try ReadableDiagnostics.check(problem.diagnostics)
            }
        }
        switch YAMLDocument.parse(text: text, source: "tproxy.yaml") {
        case .failure(let problem):
            try promise(!problem.diagnostics.isEmpty, "refused without a diagnostic")
            try ReadableDiagnostics.check(problem.diagnostics)
        case .success(let document):
            try ConfigurationInvariants.check(
                ConfigurationLoader.load(files: [document], environment: [:], flags: []), on: facts)
        }
    }
}

/// Invariants of every loaded configuration.
enum ConfigurationInvariants {
    static func check(_ loaded: ConfigurationLoader.Loaded, on facts: HostFacts) throws {
        try ReadableDiagnostics.check(loaded.diagnostics)
        guard loaded.diagnostics.allSatisfy({ $0.severity != .error }) else { return }
        let config = loaded.config
        try readsBack(config)
        let compilation = RuleCompiler(config, on: facts).compile()
        try ReadableDiagnostics.check(compilation.warnings)
        try RulesetInvariants.check(compilation.ruleset)
    }

    /// The output of `config show` is a file with the same configuration.
    private static func readsBack(_ config: TproxyConfig) throws {
        let text = EffectiveConfiguration(config).yaml
        guard
            case .success(let document) = YAMLDocument.parse(
                text: text, source: "effective.yaml")
        else { throw BrokenPromise("the effective configuration can't be read back") }
        let again = ConfigurationLoader.load(files: [document], environment: [:], flags: [])
        try promise(
            again.diagnostics.allSatisfy { $0.severity != .error },
            "the effective configuration is refused: \(again.diagnostics.map(\.message))")
        try promise(
            values(again.config) == values(config),
            "the effective configuration reads back differently")
    }

    /// Without the chain names, which files can't set.
    private static func values(_ config: TproxyConfig) -> [String] {
        let others = Set(ConfigurationKey.all.filter { !$0.isInFiles }.map(\.path))
        return EffectiveConfiguration(config).rows.filter { !others.contains($0.path) }
            .map { "\($0.path) = \($0.value)" }
    }
}
