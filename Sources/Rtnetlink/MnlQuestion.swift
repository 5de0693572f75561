import CMnl
import FaultPoints
import Glibc

extension MnlSocket {
    /// Sends one message and hands on each message that answers it, header and all, as words of memory.
    ///
    /// Ends at the acknowledgement, at the end of a dump, or at the kernel's error, which it throws;
    /// EINTR also when what was dumped changed meanwhile (NLM_F_DUMP_INTR).
    package func ask(
        _ question: [UInt32], _ receive: (ArraySlice<UInt32>) -> Void
    ) throws(NetlinkError) {
        let size = question.count * 4
        let sent = unsafe question.withUnsafeBytes { bytes in
            systemCall(.netlinkSend) {
                unsafe mnl_socket_sendto(handle, bytes.baseAddress, size)
            }
        }
        guard sent == size else { throw NetlinkError(code: sent < 0 ? errno : EMSGSIZE) }
        // The kernel makes datagrams of at most 32 KiB.
        var memory = [UInt32](repeating: 0, count: 1 << 14)
        var isInterrupted = false
        while true {
            let count = try nextDatagram(into: &memory)
            var place = 0
            while place + 4 <= count / 4 {
                let length = Int(memory[place])
                guard length >= 16, place * 4 + length <= count else {
                    throw NetlinkError(code: EBADMSG)
                }
                if Int32(memory[place + 1] >> 16) & NLM_F_DUMP_INTR != 0 { isInterrupted = true }
                let end = place + (length + 3) / 4
                switch Int32(memory[place + 1] & 0xFFFF) {
                case NLMSG_ERROR:
                    let code = length >= 20 ? -Int32(bitPattern: memory[place + 4]) : EBADMSG
                    if code == 0 { return }
                    throw NetlinkError(code: code)
                case NLMSG_DONE:
                    if isInterrupted { throw NetlinkError(code: EINTR) }
                    return
                case _: receive(memory[place..<min(end, memory.count)])
                }
                place = end
            }
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
