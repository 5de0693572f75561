import Addressing
import Sockets

extension Socket {
    /// A socket of a rehearsal: it may have any address, and leaves its port at once.
    static func rehearsing(
        _ transport: TransportProtocol, _ family: AddressFamily, owner: UserID
    ) throws(SocketError) -> Socket {
        let socket = try Socket(transport, family, owner: owner)
        socket.disconnectsAtEnd = true
        try socket.allowAnyAddress()
        try socket.reuseAddress()
        return socket
    }
}

extension RehearsalError {
    init(_ error: SocketError) {
        self = .system(error.step, code: error.code)
    }
}
