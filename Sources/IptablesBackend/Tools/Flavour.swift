/// The two programs that are called iptables.
package enum IptablesFlavour: String, Hashable, Sendable, CaseIterable {
    /// Rules go into nf_tables, in tables that it makes.
    case nft
    /// Rules go into ip_tables, the kernel's older way.
    case legacy

    /// `iptables-nft`, `iptables-legacy`.
    package var name: String { "iptables-\(rawValue)" }
}
