import CMnl
import FaultPoints
import Glibc

// The only receive loop: for answers to a query or a batch, and for notifications.
extension MnlSocket {
    /// Memory for one datagram; the kernel's have at most 32 KiB.
    ///
    /// It holds anything until a datagram is received: zeros would cost more than most answers.
    package static var memoryOfADatagram: [UInt32] {
        unsafe [UInt32](unsafeUninitializedCapacity: 1 << 14) { memory, count in
            count = memory.count
        }
    }

    /// Waits for a datagram and passes on its messages.
    package func eachMessage(
        in memory: inout [UInt32], _ receive: (ArraySlice<UInt32>) -> Void
    ) throws(NetlinkError) {
        guard try eachMessage(in: &memory, flags: 0, receive) else {
            throw NetlinkError(code: EAGAIN)
        }
    }

    /// Passes on the messages of all datagrams that are waiting, without waiting for more.
    ///
    /// Datagrams that didn't fit into the buffer (ENOBUFS) are missing; the others are complete.
    package func eachWaitingMessage(_ receive: (ArraySlice<UInt32>) -> Void) throws(NetlinkError) {
        var memory = Self.memoryOfADatagram
        var isMore = true
        while isMore {
            do {
                isMore = try eachMessage(in: &memory, flags: Int32(MSG_DONTWAIT), receive)
            } catch {
                guard error.code == ENOBUFS else { throw error }
            }
        }
    }

    /// Passes on the messages of one datagram; returns false if none is waiting (EAGAIN).
    private func eachMessage(
        in memory: inout [UInt32], flags: Int32, _ receive: (ArraySlice<UInt32>) -> Void
    ) throws(NetlinkError) -> Bool {
        guard let count = try nextDatagram(into: &memory, flags) else { return false }
        var place = 0
        while place + 4 <= count / 4 {
            let length = Int(memory[place])
            guard length >= 16, place * 4 + length <= count else {
                throw NetlinkError(code: EBADMSG)
            }
            let end = place + (length + 3) / 4
            receive(memory[place..<min(end, memory.count)])
            place = end
        }
        return true
    }

    /// Returns the length of the datagram in bytes; nil if none is waiting (EAGAIN).
    private func nextDatagram(
        into memory: inout [UInt32], _ flags: Int32
    ) throws(NetlinkError) -> Int? {
        let file = unsafe mnl_socket_get_fd(handle)
        while true {
            let count = unsafe memory.withUnsafeMutableBytes { bytes in
                systemCall(.netlinkReceive) {
                    unsafe recv(file, bytes.baseAddress, bytes.count, flags)
                }
            }
            if count > 0 { return count }
            if count == 0 { throw NetlinkError(code: EPIPE) }
            switch errno {
            case EINTR: continue
            case EAGAIN: return nil
            case let code: throw NetlinkError(code: code)
            }
        }
    }
}
