import Addressing

/// Who may get a packet.
struct Listener {
    var socket: Socket
    var landing: Landing
}

/// The proxy's listeners, as the host has them in the proxy's place.
struct ProxyListeners {
    private(set) var all: [Listener] = []

    /// TCP on every address.
    ///
    /// DNS on localhost and on the host's address of each virtual network, as kuma-dp does: a
    /// redirected query must be answered from where it was redirected to.
    init(_ setting: RehearsalSetting, _ families: [AddressFamily]) throws(RehearsalError) {
        for family in families {
            let any = IPAddress.unspecified(family)
            for port in Set([setting.outboundPort, setting.inboundPort]).sorted() {
                try add(.tcp, any, port, setting)
            }
            let localhost = IPAddress.localhost(family)
            let networks = setting.networks.filter { $0.prefix.family == family }
            for address in [localhost] + networks.map(\.hostAddress) {
                try add(.udp, address, setting.dnsPort, setting)
            }
        }
    }

    private mutating func add(
        _ transport: TransportProtocol, _ address: IPAddress, _ port: Port,
        _ setting: RehearsalSetting
    ) throws(RehearsalError) {
        let socket = try Socket(transport, address.family, owner: setting.proxyUser)
        try socket.listen(on: address, port)
        all.append(Listener(socket: socket, landing: .proxy(port)))
    }
}
