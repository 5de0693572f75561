import CMnl
import FaultPoints
import Glibc

extension MnlSocket {
    /// Joins a group that the kernel tells of changes; who waits for them waits for at most a second.
    ///
    /// The kernel drops what finds no room, and says so once (ENOBUFS): so there is much room.
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
