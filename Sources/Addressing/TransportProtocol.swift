/// A transport protocol that has ports.
package enum TransportProtocol: String, Hashable, Sendable, CaseIterable, Codable {
    /// TCP (RFC 9293), protocol number 6.
    case tcp
    /// UDP (RFC 768), protocol number 17.
    case udp
}
