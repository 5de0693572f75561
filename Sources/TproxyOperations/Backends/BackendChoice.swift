package import TproxyConfig

/// What may be asked for as a backend.
package enum BackendChoice: String, CaseIterable, Sendable {
    case nft
    /// The flavour that the host uses.
    case iptables
    case iptablesNft = "iptables-nft"
    case iptablesLegacy = "iptables-legacy"

    /// What `asked` means for `config`; nil where nothing is said.
    package init(_ asked: BackendChoice?, for config: TproxyConfig) {
        self = asked ?? (config.storeFirewalld.value ? .iptables : .nft)
    }
}
