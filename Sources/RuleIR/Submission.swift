/// The interface through which an nf_tables transaction is submitted to the kernel.
package enum Submission: String, Hashable, Sendable, CaseIterable, Codable {
    /// A document of libnftables-json(5).
    case libnftables
    /// Netlink messages of our own.
    case netlink
}
