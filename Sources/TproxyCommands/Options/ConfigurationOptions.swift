import ArgumentParser
import Diagnostics
import Foundation
import TproxyConfig
import TproxyConfigYAML

/// Where the configuration comes from; on every command that takes one.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A configuration file, YAML or JSON; - is standard input.",
            discussion: "Repeat it or separate with commas; later ones win.", valueName: "file"))
    var config: [String] = []

    @Option(parsing: .singleValue, help: .hidden)
    var configFile: [String] = []

    @Flag(help: "Warn of unknown keys instead of refusing them.")
    var allowUnknownKeys = false

    @OptionGroup var kuma: KumaFlags

    /// Reads and merges everything; prints warnings, throws all errors together.
    func load() throws -> TproxyConfig {
        var documents: [RawDocument] = []
        var diagnostics: [Diagnostic] = []
        for path in paths {
            do {
                let file = try InputFile(path)
                switch YAMLDocument.parse(text: file.text, source: file.name) {
                case .success(let document): documents.append(document)
                case .failure(let problem): diagnostics += problem.diagnostics
                }
            } catch {
                diagnostics += error.diagnostics
            }
        }
        if !configFile.isEmpty {
            diagnostics.append(.deprecatedConfigFile())
        }
        let loaded = ConfigurationLoader.load(
            files: documents, environment: ProcessInfo.processInfo.environment,
            flags: kuma.values, allowUnknownKeys: allowUnknownKeys)
        diagnostics += loaded.diagnostics
        guard diagnostics.allSatisfy({ $0.severity != .error }) else {
            throw CommandFailure(diagnostics)
        }
        Console.report(diagnostics)
        return loaded.config
    }

    /// The files in order; one value may hold several, separated by commas.
    private var paths: [String] {
        (configFile + config).flatMap { $0.split(separator: ",").map(String.init) }
    }
}
