/// A transport protocol that has ports.
package enum TransportProtocol: String, Hashable, Sendable, CaseIterable, Codable {
    /// RFC 9293, protocol number 6.
    case tcp
    /// RFC 768, protocol number 17.
    case udp
}
