package import Addressing
import LinuxHost
import Netlink

/// The ports of this network namespace on which a program listens; needs no privilege.
package struct ListeningPorts {
    private let ports: [TransportProtocol: Set<Port>]

    /// Reads the sockets; nil if they can't be read.
    package init?() {
        guard let sockets = try? InetSocket.all(SocketsInUse.kinds) else { return nil }
        ports = Dictionary(grouping: sockets.filter { $0.state == .listening }, by: \.transport)
            .mapValues { Set($0.map(\.localPort)) }
    }

    package func contains(_ transport: TransportProtocol, _ port: Port) -> Bool {
        ports[transport]?.contains(port) == true
    }
}
