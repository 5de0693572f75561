import Glibc
import Sockets

extension Socket {
    /// How often TCP has sent something again that was not acknowledged.
    var retransmissions: Int {
        var info = tcp_info()
        var length = socklen_t(MemoryLayout<tcp_info>.size)
        guard unsafe getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0
        else { return 0 }
        return Int(info.tcpi_total_retrans)
    }
}
