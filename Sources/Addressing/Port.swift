/// A TCP or UDP port, 1...65535 (RFC 6335).
///
/// Port 0 is reserved and never a value of this type.
package struct Port: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let number: UInt16

    package init?(_ number: some BinaryInteger) {
        guard let number = UInt16(exactly: number), number != 0 else { return nil }
        self.number = number
    }

    /// Parses decimal digits; refuses surrounding space, signs and zero.
    package init?(_ text: some StringProtocol) {
        guard let number = UInt32(decimal: text) else { return nil }
        self.init(number)
    }

    init(unchecked number: UInt16) {
        self.number = number
    }

    /// DNS over UDP and TCP (RFC 1035).
    package static let dns = Port(unchecked: 53)
    /// The default port of Kuma's proxy for incoming connections.
    package static let inboundDefault = Port(unchecked: 15006)
    /// The default port of Kuma's proxy for outgoing connections.
    package static let outboundDefault = Port(unchecked: 15001)
    /// The default port of Kuma's proxy for DNS queries.
    package static let dnsDefault = Port(unchecked: 15053)

    package var description: String { "\(number)" }

    package static func < (left: Self, right: Self) -> Bool { left.number < right.number }
}

extension Port {
    /// The first port that systems assign to senders without one (RFC 6335 section 6).
    package static let ephemeral = Port(unchecked: 49_152)
}

/// Well-known ports (IANA) that rehearsals and examples use.
extension Port {
    package static let ssh = Port(unchecked: 22)
    package static let web = Port(unchecked: 80)
    package static let secureWeb = Port(unchecked: 443)
    package static let syslog = Port(unchecked: 514)
    package static let service = Port(unchecked: 8080)
}

/// Consecutive ports, including both ends.
package struct PortRange: Hashable, Sendable, CustomStringConvertible {
    package let first: Port
    package let last: Port

    package init?(_ first: Port, _ last: Port) {
        guard first <= last else { return nil }
        self.first = first
        self.last = last
    }

    package init(_ port: Port) {
        first = port
        last = port
    }

    /// All ports, 1...65535.
    package static let all = PortRange(unchecked: (Port(unchecked: 1), Port(unchecked: .max)))

    private init(unchecked ends: (Port, Port)) {
        first = ends.0
        last = ends.1
    }

    package func contains(_ port: Port) -> Bool { first <= port && port <= last }

    /// `80` or `80-90`.
    package var description: String { first == last ? "\(first)" : "\(first)-\(last)" }

    /// Returns the fewest ranges with the same ports, sorted and separate.
    package static func merging(_ ranges: some Sequence<PortRange>) -> [PortRange] {
        var merged: [PortRange] = []
        for range in ranges.sorted(by: { $0.first < $1.first }) {
            if let previous = merged.last,
                UInt32(range.first.number) <= UInt32(previous.last.number) + 1
            {
                merged[merged.count - 1] = PortRange(
                    unchecked: (previous.first, max(previous.last, range.last)))
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}

extension UInt32 {
    /// Parses decimal digits only; refuses signs, spaces and overflow.
    init?(decimal text: some StringProtocol) {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        self.init(text)
    }
}

/// A transport protocol that has ports.
package enum TransportProtocol: String, Hashable, Sendable, CaseIterable, Codable {
    /// TCP (RFC 9293), protocol number 6.
    case tcp
    /// UDP (RFC 768), protocol number 17.
    case udp
}
