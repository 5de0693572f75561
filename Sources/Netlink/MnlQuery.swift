package import CMnl
import FaultPoints
import Glibc

extension MnlSocket {
    /// Sends one message and passes each message of the answer to `receive`, with its header.
    ///
    /// Messages are arrays of 32-bit words. The answer ends with an acknowledgement, the end of a
    /// dump or the kernel's error; a dump may end with an error, too. Throws the error. If
    /// `isWhole`, throws EINTR if anything changed during the dump (NLM_F_DUMP_INTR); for nf_tables
    /// that may be another table.
    package func query(
        _ query: [UInt32], isWhole: Bool = true, _ receive: (ArraySlice<UInt32>) -> Void
    ) throws(NetlinkError) {
        let size = query.count * 4
        let sent = unsafe query.withUnsafeBytes { bytes in
            systemCall(.netlinkSend) {
                unsafe mnl_socket_sendto(handle, bytes.baseAddress, size)
            }
        }
        guard sent == size else { throw NetlinkError(code: sent < 0 ? errno : EMSGSIZE) }
        var memory = Self.memoryOfADatagram
        var answer = AnswerReading(isWhole: isWhole)
        while answer.end == nil {
            try eachMessage(in: &memory) { message in
                if answer.take(message) { receive(message) }
            }
        }
        if let end = answer.end, end != 0 { throw NetlinkError(code: end) }
    }

    /// Sends the message that `build` writes and passes each answer to `receive`.
    ///
    /// Ends as `query` does; a dump may be inconsistent. `build` gets 8 KiB of zeroed memory, far
    /// more than a message needs.
    package func request(
        _ build: (UnsafeMutableRawPointer) -> UnsafeMutablePointer<nlmsghdr>,
        receive: (UnsafePointer<nlmsghdr>) -> Void = { _ in }
    ) throws(NetlinkError) {
        let query = unsafe MessageMemory.written(in: 8192) { memory in
            let message = unsafe build(memory)
            unsafe message.pointee.nlmsg_seq = 1
            return unsafe message
        }
        try systemCall(.netlinkRequest, failing: NetlinkError.refuse) {
            () throws(NetlinkError) in
            try self.query(query, isWhole: false) { message in
                unsafe message.withUnsafeBytes { bytes in
                    guard
                        let header = unsafe bytes.assumingMemoryBound(to: nlmsghdr.self)
                            .baseAddress
                    else { return }
                    unsafe receive(header)
                }
            }
        }
    }
}

/// Arrays of 32-bit words for messages that libmnl's functions write.
enum MessageMemory {
    /// Returns the message that `write` writes at the start of `size` bytes of zeroed memory.
    static func written(
        in size: Int, _ write: (UnsafeMutableRawPointer) -> UnsafeMutablePointer<nlmsghdr>
    ) -> [UInt32] {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        defer { unsafe memory.deallocate() }
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: size)
        let message = unsafe write(memory)
        let count = unsafe (Int(message.pointee.nlmsg_len) + 3) / 4
        let written = unsafe UnsafeRawBufferPointer(start: memory, count: count * 4)
        return unsafe Array(written.bindMemory(to: UInt32.self))
    }
}
