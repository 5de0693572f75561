import ArgumentParser
import TproxyConfig

/// Kuma's own flags, under the names that `kumactl install transparent-proxy` has.
///
/// They are kept as text: the configuration's schema decodes flags, environment and files alike. A
/// switch may be given bare (`--redirect-dns`) or with a value (`--redirect-dns=false`).
struct KumaFlags: ParsableArguments {
    @OptionGroup(title: "Redirection") var redirection: RedirectionFlags
    @OptionGroup(title: "How rules are applied") var installation: InstallationFlags
    @OptionGroup(title: "eBPF (not in this build)") var ebpf: EBPFFlags
    @OptionGroup(visibility: .hidden) var deprecated: DeprecatedFlags

    var values: [FlagValue] {
        (redirection.texts + installation.texts + ebpf.texts + deprecated.texts).compactMap {
            $0.texts.isEmpty ? nil : FlagValue(name: $0.name, values: $0.texts)
        }
    }
}

/// A flag as it was given; no texts when it wasn't.
struct FlagTexts {
    var name: String
    var texts: [String]

    init(_ name: String, _ text: String?) {
        self.name = "--" + name
        texts = text.map { [$0] } ?? []
    }

    init(_ name: String, _ texts: [String]) {
        self.name = "--" + name
        self.texts = texts
    }
}
