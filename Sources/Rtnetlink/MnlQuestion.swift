import CMnl
import FaultPoints
import Glibc

extension MnlSocket {
    /// Sends one message and hands on each message that answers it, header and all, as words of memory.
    ///
    /// Ends at the acknowledgement, at the end of a dump, or at the kernel's error, which it throws.
    /// `isWhole`: throws EINTR when anything changed during the dump (NLM_F_DUMP_INTR). Of nf_tables that
    /// may be another table.
    package func ask(
        _ question: [UInt32], isWhole: Bool = true, _ receive: (ArraySlice<UInt32>) -> Void
    ) throws(NetlinkError) {
        let size = question.count * 4
        let sent = unsafe question.withUnsafeBytes { bytes in
            systemCall(.netlinkSend) {
                unsafe mnl_socket_sendto(handle, bytes.baseAddress, size)
            }
        }
        guard sent == size else { throw NetlinkError(code: sent < 0 ? errno : EMSGSIZE) }
        var memory = Self.memoryOfADatagram
        var isInterrupted = false
        var end: Int32?
        while end == nil {
            try eachMessage(in: &memory) { message in
                let header = message[message.startIndex + 1]
                if Int32(header >> 16) & NLM_F_DUMP_INTR != 0 { isInterrupted = true }
                switch Int32(header & 0xFFFF) {
                case NLMSG_ERROR:
                    let code = message.count > 4 ? message[message.startIndex + 4] : nil
                    end = end ?? code.map { -Int32(bitPattern: $0) } ?? EBADMSG
                case NLMSG_DONE: end = end ?? (isInterrupted && isWhole ? EINTR : 0)
                case _: if end == nil { receive(message) }
                }
            }
        }
        if let end, end != 0 { throw NetlinkError(code: end) }
    }

    /// The kernel makes datagrams of at most 32 KiB.
    package static var memoryOfADatagram: [UInt32] { [UInt32](repeating: 0, count: 1 << 14) }

    /// Waits for a datagram and hands on its messages.
    package func eachMessage(
        in memory: inout [UInt32], _ receive: (ArraySlice<UInt32>) -> Void
    ) throws(NetlinkError) {
        let count = try nextDatagram(into: &memory)
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
    }

    /// Waits for a datagram; its length in bytes.
    private func nextDatagram(into memory: inout [UInt32]) throws(NetlinkError) -> Int {
        let file = unsafe mnl_socket_get_fd(handle)
        while true {
            let count = unsafe memory.withUnsafeMutableBytes { bytes in
                systemCall(.netlinkReceive) {
                    unsafe recv(file, bytes.baseAddress, bytes.count, 0)
                }
            }
            if count > 0 { return count }
            if count == 0 { throw NetlinkError(code: EPIPE) }
            if errno != EINTR { throw NetlinkError(code: errno) }
        }
    }

}
