package import Addressing
import CMnl
import Glibc

/// A TCP connection as conntrack stores it, without address translation.
package struct ConntrackEntry: Hashable, Sendable {
    /// The progress of the handshake, as far as conntrack distinguishes it.
    package enum State: Hashable, Sendable {
        case synSent
        case synReceived
        case established
    }

    /// The address of the side that opened the connection.
    package var source: IPAddress
    package var sourcePort: Port
    package var destination: IPAddress
    package var destinationPort: Port
    package var state: State

    /// Creates the entry of a socket's connection; nil for a listening socket.
    ///
    /// `listening` are the ports that accept connections: they show which side opened the
    /// connection. NAT doesn't depend on it, but rules with `ct direction` do.
    package init?(_ socket: InetSocket, listening: Set<Port>) {
        guard let remotePort = socket.remotePort else { return nil }
        let isIncoming: Bool
        switch socket.state {
        case .listening: return nil
        case .connecting: (state, isIncoming) = (.synSent, false)
        case .accepting: (state, isIncoming) = (.synReceived, true)
        case .connected, .closing:
            (state, isIncoming) = (.established, listening.contains(socket.localPort))
        }
        source = isIncoming ? socket.remote : socket.local
        sourcePort = isIncoming ? remotePort : socket.localPort
        destination = isIncoming ? socket.local : socket.remote
        destinationPort = isIncoming ? socket.localPort : remotePort
    }

    var family: Int32 { source.family == .ipv4 ? AF_INET : AF_INET6 }

    /// Writes the tuple that identifies the entry: of its first packet, or of the first reply.
    func write(
        _ message: UnsafeMutablePointer<nlmsghdr>, _ direction: ctattr_type, isReply: Bool = false
    ) {
        let (from, to) = isReply ? (destination, source) : (source, destination)
        let (fromPort, toPort) =
            isReply ? (destinationPort, sourcePort) : (sourcePort, destinationPort)
        let isIPv4 = source.family == .ipv4
        unsafe nest(message, direction) {
            unsafe nest(message, CTA_TUPLE_IP) {
                unsafe Self.put(message, isIPv4 ? CTA_IP_V4_SRC : CTA_IP_V6_SRC, from)
                unsafe Self.put(message, isIPv4 ? CTA_IP_V4_DST : CTA_IP_V6_DST, to)
            }
            unsafe nest(message, CTA_TUPLE_PROTO) {
                unsafe mnl_attr_put_u8(
                    message, UInt16(CTA_PROTO_NUM.rawValue), UInt8(IPPROTO_TCP))
                unsafe mnl_attr_put_u16(
                    message, UInt16(CTA_PROTO_SRC_PORT.rawValue), fromPort.number.bigEndian)
                unsafe mnl_attr_put_u16(
                    message, UInt16(CTA_PROTO_DST_PORT.rawValue), toPort.number.bigEndian)
            }
        }
    }

    /// Writes all attributes of a new entry.
    func writeWhole(
        _ message: UnsafeMutablePointer<nlmsghdr>, seconds timeout: UInt32
    ) {
        unsafe write(message, CTA_TUPLE_ORIG)
        unsafe write(message, CTA_TUPLE_REPLY, isReply: true)
        unsafe mnl_attr_put_u32(message, UInt16(CTA_STATUS.rawValue), status.bigEndian)
        unsafe mnl_attr_put_u32(message, UInt16(CTA_TIMEOUT.rawValue), timeout.bigEndian)
        unsafe nest(message, CTA_PROTOINFO) {
            unsafe nest(message, CTA_PROTOINFO_TCP) {
                unsafe mnl_attr_put_u8(
                    message, UInt16(CTA_PROTOINFO_TCP_STATE.rawValue), stateNumber)
                for direction in [
                    CTA_PROTOINFO_TCP_FLAGS_ORIGINAL, CTA_PROTOINFO_TCP_FLAGS_REPLY,
                ] {
                    // `struct nf_ct_tcp_flags`: the flags, and the mask of flags that are set.
                    unsafe [Self.flags, Self.flags].withUnsafeBytes { bytes in
                        unsafe mnl_attr_put(
                            message, UInt16(direction.rawValue), bytes.count, bytes.baseAddress)
                    }
                }
            }
        }
    }

    /// The bits of `enum ip_conntrack_status` in <linux/netfilter/nf_conntrack_common.h>.
    private var status: UInt32 {
        let (seenReply, assured, confirmed): (UInt32, UInt32, UInt32) = (1 << 1, 1 << 2, 1 << 3)
        return switch state {
        case .synSent: confirmed
        case .synReceived: confirmed | seenReply
        case .established: confirmed | seenReply | assured
        }
    }

    /// The number in `enum tcp_conntrack` of <linux/netfilter/nf_conntrack_tcp.h>.
    private var stateNumber: UInt8 {
        switch state {
        case .synSent: 1
        case .synReceived: 2
        case .established: 3
        }
    }

    /// IP_CT_TCP_FLAG_SACK_PERM and IP_CT_TCP_FLAG_BE_LIBERAL.
    ///
    /// The kernel itself uses them for a connection whose start it hasn't seen, because it doesn't
    /// know the window scaling.
    private static let flags: UInt8 = 0x02 | 0x08

    private static func put(
        _ message: UnsafeMutablePointer<nlmsghdr>, _ name: ctattr_ip, _ address: IPAddress
    ) {
        unsafe address.bytes.withUnsafeBytes { bytes in
            unsafe mnl_attr_put(message, UInt16(name.rawValue), bytes.count, bytes.baseAddress)
        }
    }
}
