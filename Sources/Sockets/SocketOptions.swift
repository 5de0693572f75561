import Addressing
import Glibc

extension Socket {
    /// Lets an address be bound again that another connection had a moment ago.
    package func reuseAddress() throws(SocketError) {
        try set(SOL_SOCKET, SO_REUSEADDR, Int32(1))
    }

    /// Lets the socket bind to an address that no interface has.
    package func allowAnyAddress() throws(SocketError) {
        switch family {
        case .ipv4: try set(IPPROTO_IP, IP_FREEBIND, Int32(1))
        case .ipv6: try set(IPPROTO_IPV6, IPV6_FREEBIND, Int32(1))
        }
    }

    /// Sends from this address; the port is chosen when the other end is known, so that as many
    /// connections are possible as there are pairs of ends.
    package func send(from source: SocketAddress) throws(SocketError) {
        try set(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, Int32(1))
        try bind(to: source)
    }

    /// Ends the connection with a RST when the socket is closed: no port is kept waiting (TIME_WAIT).
    package func closeByReset() throws(SocketError) {
        try set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }

    /// Sends small messages at once.
    package func dontDelay() throws(SocketError) {
        try set(IPPROTO_TCP, TCP_NODELAY, Int32(1))
    }

    /// Waits no longer than this for what doesn't come.
    package func limitWaiting(seconds: Int) throws(SocketError) {
        let limit = timeval(tv_sec: seconds, tv_usec: 0)
        try set(SOL_SOCKET, SO_RCVTIMEO, limit)
        try set(SOL_SOCKET, SO_SNDTIMEO, limit)
    }

    /// Makes room for so many bytes that nobody has received yet; beyond the kernel's usual limit
    /// (net.core.rmem_max) with CAP_NET_ADMIN alone.
    package func enlargeReceiveBuffer(to bytes: Int32) throws(SocketError) {
        if (try? set(SOL_SOCKET, SO_RCVBUFFORCE, bytes)) == nil {
            try set(SOL_SOCKET, SO_RCVBUF, bytes)
        }
    }

    func set<Value: BitwiseCopyable>(
        _ level: some BinaryInteger, _ option: Int32, _ value: Value
    ) throws(SocketError) {
        var value = value
        let size = socklen_t(MemoryLayout<Value>.size)
        guard unsafe setsockopt(descriptor, Int32(level), option, &value, size) == 0 else {
            throw .last("setting a socket option")
        }
    }
}
