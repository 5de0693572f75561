/// The two implementations of iptables.
package enum IptablesFlavour: String, Hashable, Sendable, CaseIterable {
    /// Rules go into nf_tables, in tables that iptables-nft creates.
    case nft
    /// Rules go into ip_tables, the kernel's older mechanism.
    case legacy

    /// The name, `iptables-nft` or `iptables-legacy`.
    package var name: String { "iptables-\(rawValue)" }
}
