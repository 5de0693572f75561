package import Addressing
import CMnl
import Glibc

/// A TCP or UDP socket of the calling thread's network namespace, as sock_diag(7) lists it.
///
/// Needs no privilege.
package struct InetSocket: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Accepts connections; for UDP, accepts packets from any address.
        case listening
        /// Has sent a SYN that wasn't answered.
        case connecting
        /// Has answered a SYN.
        case accepting
        case connected
        /// At least one end has closed.
        case closing
    }

    package var transport: TransportProtocol
    package var state: State
    /// The local address, or the wildcard `0.0.0.0` or `::`; IPv4-mapped addresses become IPv4.
    package var local: IPAddress
    package var localPort: Port
    package var remote: IPAddress
    /// The remote port; nil for a listening socket.
    package var remotePort: Port?
    /// Whether an IPv6 wildcard excludes IPv4 (IPV6_V6ONLY).
    package var isIPv6Only: Bool
    /// The UID of the socket.
    package var owner: UserID
    /// The inode number that `/proc/PID/fd` shows.
    package var inode: UInt32

    /// Sockets that one query lists.
    package struct Kind: Hashable, Sendable {
        package var transport: TransportProtocol
        package var family: AddressFamily

        package init(transport: TransportProtocol, family: AddressFamily) {
            self.transport = transport
            self.family = family
        }

        package static let all = TransportProtocol.allCases.flatMap { transport in
            AddressFamily.allCases.map { Kind(transport: transport, family: $0) }
        }
    }

    /// Returns all listening and connected sockets of these kinds, without half-open and closing
    /// ones.
    package static func all(_ kinds: [Kind]) throws(NetlinkError) -> [InetSocket] {
        guard !kinds.isEmpty else { return [] }
        let socket = try MnlSocket(.sockets)
        var found: [InetSocket] = []
        for kind in kinds {
            let waiting = kind.transport == .tcp ? listen : closed
            found += try sockets(kind, [established, waiting], over: socket)
        }
        return found
    }

    /// Returns all TCP sockets that listen or that may still exchange packets.
    ///
    /// Sockets in TIME_WAIT are omitted: both ends are done.
    package static func allTCP(_ kinds: [Kind]) throws(NetlinkError) -> [InetSocket] {
        let kinds = kinds.filter { $0.transport == .tcp }
        guard !kinds.isEmpty else { return [] }
        let socket = try MnlSocket(.sockets)
        var found: [InetSocket] = []
        for kind in kinds {
            found += try sockets(
                kind, [established, synSent, synReceived, listen] + halfClosed, over: socket)
        }
        return found
    }

    /// States of <linux/tcp_states.h>; a UDP socket is established or closed.
    private static let established: UInt8 = 1
    private static let synSent: UInt8 = 2
    private static let synReceived: UInt8 = 3
    /// FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK and CLOSING.
    private static let halfClosed: [UInt8] = [4, 5, 8, 9, 11]
    private static let closed: UInt8 = 7
    private static let listen: UInt8 = 10
    /// TCP_NEW_SYN_RECV, which the kernel reports to a query for SYN_RECV.
    private static let newSynReceived: UInt8 = 12

    private static func sockets(
        _ kind: Kind, _ states: [UInt8], over socket: borrowing MnlSocket
    ) throws(NetlinkError) -> [InetSocket] {
        var found: [InetSocket] = []
        try unsafe socket.request { memory in
            let message =
                unsafe mnl_nlmsg_put_header(memory) ?? memory.assumingMemoryBound(to: nlmsghdr.self)
            unsafe message.pointee.nlmsg_type = UInt16(SOCK_DIAG_BY_FAMILY)
            unsafe message.pointee.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_DUMP)
            let header = unsafe mnl_nlmsg_put_extra_header(
                message, MemoryLayout<inet_diag_req_v2>.size)
            let request = unsafe header?.assumingMemoryBound(to: inet_diag_req_v2.self)
            unsafe request?.pointee.sdiag_family = UInt8(
                kind.family == .ipv4 ? AF_INET : AF_INET6)
            unsafe request?.pointee.sdiag_protocol = UInt8(
                kind.transport == .tcp ? IPPROTO_TCP : IPPROTO_UDP)
            unsafe request?.pointee.idiag_states = states.reduce(0) { $0 | 1 << UInt32($1) }
            return unsafe message
        } receive: { message in
            guard let payload = unsafe mnl_nlmsg_get_payload(message) else { return }
            let length = unsafe Int(mnl_nlmsg_get_payload_len(message))
            guard length >= MemoryLayout<inet_diag_msg>.size else { return }
            let bytes = unsafe UnsafeRawBufferPointer(start: payload, count: length)
            if let one = unsafe InetSocket(bytes, kind.transport) { found.append(one) }
        }
        return found
    }

    private init?(_ message: UnsafeRawBufferPointer, _ transport: TransportProtocol) {
        let header = unsafe message.load(as: inet_diag_msg.self)
        guard let localPort = Port(UInt16(bigEndian: header.id.idiag_sport)),
            let owner = UserID(header.idiag_uid)
        else { return nil }
        self.transport = transport
        self.localPort = localPort
        self.owner = owner
        remotePort = Port(UInt16(bigEndian: header.id.idiag_dport))
        state =
            switch header.idiag_state {
            case Self.established: .connected
            case Self.synSent: .connecting
            case Self.synReceived, Self.newSynReceived: .accepting
            case let state where Self.halfClosed.contains(state): .closing
            case _: .listening
            }
        inode = header.idiag_inode
        var (source, target) = (header.id.idiag_src, header.id.idiag_dst)
        local = unsafe withUnsafeBytes(of: &source) {
            unsafe Self.address($0, header.idiag_family)
        }
        remote = unsafe withUnsafeBytes(of: &target) {
            unsafe Self.address($0, header.idiag_family)
        }
        isIPv6Only = unsafe Self.flag(UInt16(INET_DIAG_SKV6ONLY), in: message)
    }

    private static func address(_ bytes: UnsafeRawBufferPointer, _ family: UInt8) -> IPAddress {
        if Int32(family) == AF_INET {
            return unsafe IPAddress(family: .ipv4, bytes: bytes.prefix(4))
        }
        let address = unsafe IPAddress(family: .ipv6, bytes: bytes.prefix(16))
        // ::ffff:0:0/96, RFC 4291 section 2.5.5.2.
        guard address.bits >> 32 == 0xFFFF else { return address }
        return IPAddress(family: .ipv4, bits: address.bits)
    }

    /// Returns the one-byte attribute `wanted` after the header.
    ///
    /// An attribute has length and type, 16 bits each, then the value, padded to 4 bytes.
    private static func flag(_ wanted: UInt16, in message: UnsafeRawBufferPointer) -> Bool {
        var offset = MemoryLayout<inet_diag_msg>.size
        while offset + 4 < message.count {
            let length = unsafe Int(message.load(fromByteOffset: offset, as: UInt16.self))
            let type = unsafe message.load(fromByteOffset: offset + 2, as: UInt16.self)
            guard length >= 4 else { return false }
            if type == wanted { return unsafe message[offset + 4] != 0 }
            offset += (length + 3) & ~3
        }
        return false
    }
}
