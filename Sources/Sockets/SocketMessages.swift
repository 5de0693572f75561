import Glibc

// What goes through a socket.
extension Socket {
    /// Sends all of the bytes at once, or none.
    package func send(_ bytes: [UInt8]) throws(SocketError) {
        let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard count == bytes.count else {
            throw SocketError("sending", code: count < 0 ? errno : EAGAIN)
        }
    }

    /// How many bytes came into `buffer`, 0 at the end; nil when nothing is there.
    package func receive(into buffer: inout [UInt8]) throws(SocketError) -> Int? {
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count < 0 else { return count }
        let error = SocketError.last("receiving")
        guard error.isPassing else { throw error }
        return nil
    }

    /// Takes a datagram into `buffer`, sends back what `answer` makes of it, and gives its sender's address;
    /// nil when none has come.
    package func answerDatagram(
        _ buffer: inout [UInt8], _ answer: (ArraySlice<UInt8>) -> [UInt8]
    ) -> SocketAddress? {
        var count = -1
        let sender = unsafe SocketAddress { address, length in
            count = unsafe recvfrom(descriptor, &buffer, buffer.count, 0, address, &length)
            return count >= 0
        }
        guard let sender else { return nil }
        let bytes = answer(buffer.prefix(count))
        unsafe sender.withPointer { pointer, length in
            _ = unsafe sendto(descriptor, bytes, bytes.count, 0, pointer, length)
        }
        return sender
    }

    /// What went wrong since it was last asked; nil when nothing did.
    package var pendingError: SocketError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0
        else { return .last("asking a socket for its error") }
        return code == 0 ? nil : SocketError("receiving", code: code)
    }
}
