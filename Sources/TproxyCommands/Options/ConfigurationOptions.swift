import ArgumentParser
import FoundationEssentials
import TproxyConfig
import TproxyOperations

/// The sources of the configuration, on every command that takes one.
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

    // Kuma's own flags, under the names that `kumactl install transparent-proxy` has. They are kept
    // as text: the configuration's schema decodes flags, environment and files alike. A switch may
    // be given bare (`--redirect-dns`) or with a value (`--redirect-dns=false`).
    @OptionGroup(title: "Redirection") var redirection: RedirectionFlags
    @OptionGroup(title: "How rules are applied") var installation: InstallationFlags
    @OptionGroup(title: "eBPF (not in this build)") var ebpf: EBPFFlags
    @OptionGroup(visibility: .hidden) var deprecated: DeprecatedFlags

    /// Reads and merges all sources; prints warnings and throws all errors together.
    func load() throws -> TproxyConfig {
        let reading = try ConfigurationReading(
            files: paths, usesOldFlag: !configFile.isEmpty,
            environment: ProcessInfo.processInfo.environment, flags: flags,
            allowUnknownKeys: allowUnknownKeys)
        Console.report(reading.notices)
        return reading.config
    }

    /// The names of all given flags.
    var givenFlags: [String] {
        (config.isEmpty ? [] : ["--config"]) + (configFile.isEmpty ? [] : ["--config-file"])
            + (allowUnknownKeys ? ["--allow-unknown-keys"] : []) + flags.map(\.name)
    }

    /// The given flags of Kuma's.
    var flags: [FlagValue] {
        (redirection.texts + installation.texts + ebpf.texts + deprecated.texts).compactMap {
            $0.texts.isEmpty ? nil : FlagValue(name: $0.name, values: $0.texts)
        }
    }

    /// The files in order; one value may list several, separated by commas.
    var paths: [String] {
        (configFile + config).flatMap { $0.split(separator: ",").map(String.init) }
    }
}
