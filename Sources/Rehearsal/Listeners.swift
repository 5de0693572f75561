import Addressing
import Sockets

/// A socket that may receive packets.
struct Listener {
    var socket: Socket
    var place: Place

    enum Place: Hashable {
        /// The proxy's listener on this port.
        case proxy(Port)
        /// The original destination of a packet.
        case target(Target)
    }
}

/// The destination of a packet of a rehearsal.
struct Target: Hashable {
    var transport: TransportProtocol
    var address: IPAddress
    var port: Port

    var socketAddress: SocketAddress { SocketAddress(address, port.number) }
}

/// The proxy's listeners on the host.
struct ProxyListeners {
    private(set) var all: [Listener] = []

    /// Listens for TCP on every address, and for DNS on localhost and each address of the
    /// interfaces.
    ///
    /// A redirected query must be answered from the address to which it was redirected. kuma-dp
    /// also has one DNS listener for each virtual network.
    init(_ setting: RehearsalSetting, _ families: [AddressFamily]) throws(RehearsalError) {
        for family in families {
            let any = IPAddress.unspecified(family)
            for port in Set([setting.outboundPort, setting.inboundPort]).sorted() {
                try add(.tcp, any, port, setting)
            }
            let networks = setting.networks.filter { $0.prefix.family == family }
            let own = [IPAddress.localhost(family), RehearsalNetwork.addresses(family).host]
            for address in own + networks.map(\.hostAddress) {
                try add(.udp, address, setting.dnsPort, setting)
            }
        }
    }

    private mutating func add(
        _ transport: TransportProtocol, _ address: IPAddress, _ port: Port,
        _ setting: RehearsalSetting
    ) throws(RehearsalError) {
        do throws(SocketError) {
            let socket = try Socket.rehearsing(
                transport, address.family, owner: setting.proxyUser)
            try socket.listen(on: SocketAddress(address, port.number))
            all.append(Listener(socket: socket, place: .proxy(port)))
        } catch {
            throw RehearsalError(error)
        }
    }
}
