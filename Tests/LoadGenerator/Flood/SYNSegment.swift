import Addressing
import Sockets

/// An IP packet with a TCP SYN, of which only the source port changes.
struct SYNSegment {
    /// A TCP header without options.
    private static let tcpSize = 20
    private static let protocolNumber: UInt8 = 6

    private(set) var bytes: [UInt8]
    private let tcpStart: Int
    /// The ones' complement sum of everything that the TCP checksum covers, without the source
    /// port.
    private let sum: UInt32

    /// `number` is the sequence number.
    ///
    /// The kernel fills in the length, identification and checksum of an IPv4 header (raw(7)).
    init(from source: Endpoint, to target: Endpoint, number: UInt32) {
        let size = target.address.address.bytes.count
        let addresses = source.address.address.bytes + target.address.address.bytes
        let header: [UInt8]
        if size == 4 {
            // Version and header length, no fragments (DF), time to live, protocol.
            header = [0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, Self.protocolNumber, 0, 0] + addresses
        } else {
            header = [0x60, 0, 0, 0, 0, UInt8(Self.tcpSize), Self.protocolNumber, 64] + addresses
        }
        tcpStart = header.count
        // Source port, target port, sequence, acknowledgement, header length, SYN, window, checksum,
        // urgent pointer.
        let tcp: [UInt8] =
            [0, 0] + Self.bigEndian(target.address.port) + Self.bigEndian(UInt16(number >> 16))
            + Self.bigEndian(UInt16(number & 0xFFFF))
            + [0, 0, 0, 0, UInt8(Self.tcpSize / 4) << 4, 0x02, 0xFA, 0xF0, 0, 0, 0, 0]
        bytes = header + tcp
        sum =
            Self.sum(addresses) + UInt32(Self.protocolNumber) + UInt32(Self.tcpSize)
            + Self.sum(tcp)
    }

    /// Sets the source port and the matching checksum.
    mutating func setSourcePort(_ port: UInt16) {
        var folded = sum + UInt32(port)
        folded = (folded & 0xFFFF) + (folded >> 16)
        folded = (folded & 0xFFFF) + (folded >> 16)
        put(port, at: tcpStart)
        put(~UInt16(truncatingIfNeeded: folded), at: tcpStart + 16)
    }

    private mutating func put(_ value: UInt16, at index: Int) {
        bytes[index] = UInt8(value >> 8)
        bytes[index + 1] = UInt8(value & 0xFF)
    }

    private static func bigEndian(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(value & 0xFF)]
    }

    /// The sum of 16-bit words; there is an even number of bytes.
    private static func sum(_ bytes: [UInt8]) -> UInt32 {
        stride(from: 0, to: bytes.count, by: 2).reduce(0) { sum, index in
            sum + UInt32(bytes[index]) << 8 + UInt32(bytes[index + 1])
        }
    }
}
