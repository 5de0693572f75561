/// How a transaction of nf_tables reaches the kernel.
package enum Submission: String, Hashable, Sendable, CaseIterable, Codable {
    /// As a document of libnftables-json(5).
    case libnftables
    /// As netlink messages of our own.
    case netlink
}
