import Addressing
import Sockets

/// An address and a port as an option names them.
struct Endpoint: Sendable {
    /// `10.0.0.1:80`, `[fd00::1]:80`.
    let text: String
    let address: SocketAddress

    /// Reads `ADDRESS:PORT`; an IPv6 address is in brackets.
    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(String(host)) else { return nil }
        self.address = SocketAddress(address, port)
        self.text = text
    }

    var family: AddressFamily { address.family }

    /// What a greeting says of a connection to here.
    var destination: Destination { Destination(address) }
}
