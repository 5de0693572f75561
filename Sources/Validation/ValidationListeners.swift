import Addressing
import Glibc
import Sockets

/// The listeners on the ports of the proxy, as far as the proxy doesn't have them itself.
struct ValidationListeners {
    /// A port of the proxy, for one transport protocol and family.
    struct Place: Hashable {
        var transport: TransportProtocol
        var family: AddressFamily
        var port: Port
    }

    private(set) var sockets: [Place: Socket] = [:]
    /// The places that a program has already.
    private(set) var taken: Set<Place> = []
    /// The places without a listener, with the reason.
    private(set) var absent: [Place: String] = [:]

    /// Listens on localhost, to which the kernel redirects the packets of this host.
    ///
    /// Rules match answers to DNS queries by the owner of the socket, the proxy's user.
    init(_ places: [Place], owner: UserID?) {
        for place in Set(places) {
            do throws(SocketError) {
                let socket = try Socket(place.transport, place.family, owner: owner)
                try socket.listen(
                    on: SocketAddress(.localhost(place.family), place.port.number))
                sockets[place] = socket
            } catch {
                if error.code == EADDRINUSE {
                    taken.insert(place)
                } else {
                    absent[place] = error.description
                }
            }
        }
    }

    /// Adds the listener of an application on a port that the kernel chooses; returns the port.
    mutating func addApplication(at address: IPAddress) -> Port? {
        guard let socket = try? Socket(.stream, address.family),
            (try? socket.listen(on: SocketAddress(address, 0))) != nil,
            let port = Port(socket.localAddress?.port ?? 0)
        else { return nil }
        sockets[Place(transport: .tcp, family: address.family, port: port)] = socket
        return port
    }
}
