import Addressing
import Sockets

/// The server that answers.
enum Role: String, CaseIterable, Sendable {
    case proxy
    case destination

    /// The first byte of every answer, of connections and of datagrams.
    var byte: UInt8 {
        switch self {
        case .proxy: UInt8(ascii: "P")
        case .destination: UInt8(ascii: "D")
        }
    }

    init?(byte: UInt8) {
        guard let role = Self.allCases.first(where: { $0.byte == byte }) else { return nil }
        self = role
    }
}

/// The address and port to which a connection was made, whether or not it was redirected.
struct Destination: Hashable, Sendable {
    /// A port, and an address of 4 or 16 bytes padded with zeros.
    static let size = 18
    let bytes: [UInt8]

    init(_ address: SocketAddress) {
        let port = [UInt8(address.port >> 8), UInt8(address.port & 0xFF)]
        let number = port + address.address.bytes
        bytes = number + repeatElement(0, count: Self.size - number.count)
    }

    init(bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }
}

/// The first message of a listener on a connection: its role, and the original destination.
struct Greeting: Hashable, Sendable {
    static let size = 1 + Destination.size
    var role: Role
    var destination: Destination

    var bytes: [UInt8] { [role.byte] + destination.bytes }

    init(role: Role, destination: Destination) {
        self.role = role
        self.destination = destination
    }

    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.size, let first = bytes.first, let role = Role(byte: first)
        else { return nil }
        self.init(role: role, destination: Destination(bytes: bytes.dropFirst()))
    }
}
