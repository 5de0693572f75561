import CMnl
import FaultPoints
import Glibc

extension MnlSocket {
    /// Joins a group of kernel notifications, and limits each wait for them to one second.
    ///
    /// The kernel drops notifications that don't fit and reports that once (ENOBUFS), so the buffer
    /// is large (64 MiB).
    package func join(group: UInt32) throws(NetlinkError) {
        let file = unsafe mnl_socket_get_fd(handle)
        var room: Int32 = 64 << 20
        let length = socklen_t(MemoryLayout<Int32>.size)
        if unsafe setsockopt(file, SOL_SOCKET, SO_RCVBUFFORCE, &room, length) != 0 {
            _ = unsafe setsockopt(file, SOL_SOCKET, SO_RCVBUF, &room, length)
        }
        var time = timeval(tv_sec: 1, tv_usec: 0)
        _ = unsafe setsockopt(
            file, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var number = group
        let joined = unsafe mnl_socket_setsockopt(
            handle, NETLINK_ADD_MEMBERSHIP, &number, length)
        guard joined == 0 else { throw NetlinkError(code: errno) }
    }
}
