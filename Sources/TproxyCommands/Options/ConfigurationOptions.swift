import ArgumentParser
import TproxyConfig

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

    var sources: ConfigurationSources {
        ConfigurationSources(
            config: config, configFile: configFile, allowsUnknownKeys: allowUnknownKeys,
            flags: flags)
    }

    /// Those of Kuma's flags that were given.
    private var flags: [FlagValue] {
        (redirection.texts + installation.texts + ebpf.texts + deprecated.texts).compactMap {
            $0.texts.isEmpty ? nil : FlagValue(name: $0.name, values: $0.texts)
        }
    }
}
