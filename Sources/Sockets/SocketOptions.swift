import Addressing
import CLinux
import Glibc

extension Socket {
    /// Allows binding to an address that a recent connection used.
    package func reuseAddress() throws(SocketError) {
        try set(SOL_SOCKET, SO_REUSEADDR, Int32(1))
    }

    /// Allows binding to an address that no interface has.
    package func allowAnyAddress() throws(SocketError) {
        switch family {
        case .ipv4: try set(IPPROTO_IP, IP_FREEBIND, Int32(1))
        case .ipv6: try set(IPPROTO_IPV6, IPV6_FREEBIND, Int32(1))
        }
    }

    /// Sets the source address of outgoing connections.
    ///
    /// The kernel chooses the port when it knows the destination. So there can be as many
    /// connections as there are pairs of endpoints.
    package func send(from source: SocketAddress) throws(SocketError) {
        try set(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, Int32(1))
        try bind(to: source)
    }

    /// Makes closing send a RST, so that no port stays in TIME_WAIT.
    package func closeByReset() throws(SocketError) {
        try set(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
    }

    /// Makes the kernel send small messages at once.
    package func dontDelay() throws(SocketError) {
        try set(IPPROTO_TCP, TCP_NODELAY, Int32(1))
    }

    /// Limits the time that calls wait to receive or send.
    package func limitWaiting(seconds: Int) throws(SocketError) {
        let limit = timeval(tv_sec: seconds, tv_usec: 0)
        try set(SOL_SOCKET, SO_RCVTIMEO, limit)
        try set(SOL_SOCKET, SO_SNDTIMEO, limit)
    }

    /// Enlarges the receive buffer to `bytes` bytes.
    ///
    /// Exceeding the kernel's usual limit (net.core.rmem_max) needs CAP_NET_ADMIN.
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
