import ArgumentParser
import TproxyConfig

/// The sources of the configuration, on every command that takes one.
struct ConfigurationOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "A configuration file, YAML or JSON; - is standard input.",
            discussion: "Repeat it or separate with commas; later ones win.", valueName: "file"),
        completion: .file())
    var config: [String] = []

    @Option(parsing: .singleValue, help: .hidden, completion: .file())
    var configFile: [String] = []

    @Option(
        help: ArgumentHelp(
            "Take ports and families from this Dataplane resource of Kuma; - is standard input.",
            discussion: "The configuration must not contradict it.", valueName: "file"),
        completion: .file())
    var dataplane: String?

    @Flag(help: "Warn of unknown keys instead of refusing them.")
    var allowUnknownKeys = false

    // Kuma's own flags, under the names that `kumactl install transparent-proxy` has. They are kept
    // as text: the configuration's schema decodes flags, environment and files alike. A switch may
    // be given bare (`--redirect-dns`) or with a value (`--redirect-dns=false`).
    @OptionGroup(title: ConfigurationOptions.kumasSections[0]) var redirection: RedirectionFlags
    @OptionGroup(title: ConfigurationOptions.kumasSections[1]) var installation: InstallationFlags
    @OptionGroup(title: ConfigurationOptions.kumasSections[2]) var ebpf: EBPFFlags
    @OptionGroup(visibility: .hidden) var deprecated: DeprecatedFlags

    /// The titles of the options that Kuma's tool has, too.
    static let kumasSections = ["Redirection", "How rules are applied", "eBPF"]

    var sources: ConfigurationSources {
        ConfigurationSources(
            config: config, configFile: configFile, dataplane: dataplane,
            allowsUnknownKeys: allowUnknownKeys, flags: flags)
    }

    /// Those of Kuma's flags that were given.
    private var flags: [FlagValue] {
        (redirection.texts + installation.texts + ebpf.texts + deprecated.texts).compactMap {
            $0.texts.isEmpty ? nil : FlagValue(name: $0.name, values: $0.texts)
        }
    }
}
