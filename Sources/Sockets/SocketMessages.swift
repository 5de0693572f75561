import Glibc

// Sends and receives bytes.
extension Socket {
    /// Sends all bytes at once; throws EAGAIN if the kernel accepted only some.
    package func send(_ bytes: [UInt8]) throws(SocketError) {
        let count = unsafe Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard count == bytes.count else {
            throw SocketError("sending", code: count < 0 ? errno : EAGAIN)
        }
    }

    /// Sends a datagram to `receiver`, to which the socket needs no connection.
    package func send(_ bytes: [UInt8], to receiver: SocketAddress) throws(SocketError) {
        let count = unsafe receiver.withPointer { pointer, length in
            unsafe sendto(
                descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), pointer, length)
        }
        guard count == bytes.count else {
            throw SocketError("sending to \(receiver)", code: count < 0 ? errno : EAGAIN)
        }
    }

    /// Receives a datagram into `buffer`; returns its length and sender, nil if none has arrived.
    package func receiveDatagram(
        into buffer: inout [UInt8]
    ) -> (count: Int, sender: SocketAddress)? {
        var count = -1
        let sender = unsafe SocketAddress { address, length in
            count = unsafe recvfrom(descriptor, &buffer, buffer.count, 0, address, &length)
            return count >= 0
        }
        return sender.map { (count, $0) }
    }

    /// Receives into `buffer`; returns the count, 0 at the end, nil if nothing has arrived.
    package func receive(into buffer: inout [UInt8]) throws(SocketError) -> Int? {
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count < 0 else { return count }
        let error = SocketError.last("receiving")
        guard error.isTemporary else { throw error }
        return nil
    }

    /// Receives a datagram into `buffer`, sends back `answer`'s result, and returns the sender.
    ///
    /// Returns nil if no datagram has arrived.
    package func answerDatagram(
        _ buffer: inout [UInt8], _ answer: (ArraySlice<UInt8>) -> [UInt8]
    ) -> SocketAddress? {
        guard let (count, sender) = receiveDatagram(into: &buffer) else { return nil }
        let bytes = answer(buffer.prefix(count))
        unsafe sender.withPointer { pointer, length in
            _ = unsafe sendto(descriptor, bytes, bytes.count, 0, pointer, length)
        }
        return sender
    }

    /// The error since the last query; nil if there was none.
    package var pendingError: SocketError? {
        var code: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0
        else { return .last("asking a socket for its error") }
        return code == 0 ? nil : SocketError("receiving", code: code)
    }
}
