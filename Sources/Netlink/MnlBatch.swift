import CMnl
import FaultPoints
import Glibc

/// The kernel's answer to one of several messages.
package struct NetlinkAnswer: Hashable, Sendable {
    /// The sequence number of the message (`nlmsg_seq`).
    package var number: UInt32
    /// The errno(3) value; 0 if the kernel accepted the message.
    package var code: Int32
    /// The kernel's message text, if there is one (NLMSGERR_ATTR_MSG).
    package var words: String?
    /// The offset of the attribute that caused the error, in bytes (NLMSGERR_ATTR_OFFS).
    package var offset: Int?
}

extension MnlSocket {
    /// Sends messages in one call and returns all answers, in the kernel's order.
    ///
    /// The kernel handles the messages within the call, so all answers are waiting when it returns.
    /// `words` is the memory of the messages.
    package func send(_ words: [UInt32]) throws(NetlinkError) -> [NetlinkAnswer] {
        let size = words.count * 4
        prepare(for: size)
        let sent = unsafe words.withUnsafeBytes { bytes in
            systemCall(.netlinkSend) {
                unsafe mnl_socket_sendto(handle, bytes.baseAddress, size)
            }
        }
        guard sent == size else { throw NetlinkError(code: sent < 0 ? errno : EMSGSIZE) }
        var answers: [NetlinkAnswer] = []
        try eachWaitingMessage { message in
            if let answer = NetlinkAnswer(message) { answers.append(answer) }
        }
        return answers
    }

    /// Requests buffers for the messages and answers, and answers without the original message.
    ///
    /// The buffers exceed the limits if that is allowed (socket(7)).
    private func prepare(for size: Int) {
        let file = unsafe mnl_socket_get_fd(handle)
        let bookkeeping = 1024
        let answers = 1 << 20
        for (option, forced, wanted) in [
            (SO_SNDBUF, SO_SNDBUFFORCE, size + bookkeeping),
            (SO_RCVBUF, SO_RCVBUFFORCE, answers),
        ] {
            var value = Int32(clamping: wanted)
            let length = socklen_t(MemoryLayout<Int32>.size)
            if unsafe setsockopt(file, SOL_SOCKET, forced, &value, length) != 0 {
                _ = unsafe setsockopt(file, SOL_SOCKET, option, &value, length)
            }
        }
        for option in [NETLINK_EXT_ACK, NETLINK_CAP_ACK] {
            var isOn: Int32 = 1
            _ = unsafe mnl_socket_setsockopt(
                handle, option, &isOn, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}

extension NetlinkAnswer {
    /// Reads an answer; nil for another message.
    fileprivate init?(_ message: ArraySlice<UInt32>) {
        guard Int32(message[message.startIndex + 1] & 0xFFFF) == NLMSG_ERROR else { return nil }
        let flags = Int32(message[message.startIndex + 1] >> 16)
        // The rest of the length counts no padding.
        let length = Int(message[message.startIndex]) - MemoryLayout<nlmsghdr>.size
        let answer: NetlinkAnswer? = unsafe message.dropFirst(4).withUnsafeBytes { payload in
            unsafe NetlinkAnswer(UnsafeRawBufferPointer(rebasing: payload.prefix(length)), flags)
        }
        guard let answer else { return nil }
        self = answer
    }

    /// Reads a `struct nlmsgerr` and the attributes after it.
    private init?(_ payload: UnsafeRawBufferPointer, _ flags: Int32) {
        let length = payload.count
        let fixed = MemoryLayout<nlmsgerr>.size
        guard length >= fixed else { return nil }
        let error = unsafe payload.load(as: nlmsgerr.self)
        number = error.msg.nlmsg_seq
        code = 0 &- error.error
        guard flags & NLM_F_ACK_TLVS != 0 else { return }
        var offset = fixed
        if flags & NLM_F_CAPPED == 0 {
            // The whole message precedes the attributes.
            offset += (Int(error.msg.nlmsg_len) - MemoryLayout<nlmsghdr>.size + 3) & ~3
        }
        while offset + 4 <= length {
            let size = unsafe Int(payload.load(fromByteOffset: offset, as: UInt16.self))
            let type = unsafe UInt32(payload.load(fromByteOffset: offset + 2, as: UInt16.self))
            guard size >= 4, offset + size <= length else { return }
            let value = unsafe payload[(offset + 4)..<(offset + size)]
            switch type {
            case NLMSGERR_ATTR_MSG.rawValue:
                words = unsafe String(decoding: value.prefix { $0 != 0 }, as: UTF8.self)
            case NLMSGERR_ATTR_OFFS.rawValue where unsafe value.count >= 4:
                self.offset = unsafe Int(payload.load(fromByteOffset: offset + 4, as: UInt32.self))
            case _: break
            }
            offset += (size + 3) & ~3
        }
    }
}
