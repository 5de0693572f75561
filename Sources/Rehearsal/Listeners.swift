import Addressing
import Sockets

/// Who may get packets.
struct Listener {
    var socket: Socket
    var place: Place

    enum Place: Hashable {
        /// The proxy's listener on this port.
        case proxy(Port)
        /// Where a packet was going.
        case target(Target)
    }
}

/// Where packets of a rehearsal go.
struct Target: Hashable {
    var transport: TransportProtocol
    var address: IPAddress
    var port: Port

    var socketAddress: SocketAddress { SocketAddress(address, port.number) }
}

/// The proxy's listeners, as the host has them in the proxy's place.
struct ProxyListeners {
    private(set) var all: [Listener] = []

    /// TCP on every address.
    ///
    /// DNS on localhost and on every address of the host's interfaces: a redirected query must be
    /// answered from where it was redirected to. kuma-dp, too, has one for each virtual network.
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
