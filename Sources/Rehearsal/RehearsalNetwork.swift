package import Addressing
import Glibc
import Netlink

/// Network namespaces connected by virtual cables: a host, another host, and a container for each
/// virtual network.
///
/// The namespaces have no names and no files, so they end with the process. The other host answers
/// for every address, so that packets may have any destination.
package struct RehearsalNetwork {
    package static let interface = InterfaceName.ethernet
    private static let containerInterface = InterfaceName.ethernet

    let peer: Namespace
    let host: Namespace
    let networks: [RehearsalSetting.Network]
    /// The containers, by index of the networks.
    let containers: [Namespace]

    /// Makes addresses usable at once, so that neighbours can be queried (RFC 4862 section 5.4).
    private static func skipDuplicateAddressDetection() throws(RehearsalError) {
        try setting("/proc/sys/net/ipv6/conf/default/accept_dad", "0", "setting up IPv6")
    }

    private static func setting(
        _ path: String, _ value: String, _ step: String
    ) throws(RehearsalError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw .system(step)
        }
        defer { close(descriptor) }
        guard unsafe write(descriptor, value, value.utf8.count) == value.utf8.count else {
            throw .system(step)
        }
    }

    /// Creates the network; the thread is in the host's namespace afterwards.
    init(
        networks: [RehearsalSetting.Network], families: [AddressFamily]
    ) throws(RehearsalError) {
        self.networks = networks
        peer = try Namespace.fresh()
        try Self.skipDuplicateAddressDetection()
        try Self.step("setting up the other host") { () throws(NetlinkError) in
            try Link.setUp(.loopback)
        }
        host = try Namespace.fresh()
        try Self.skipDuplicateAddressDetection()
        try Self.step("connecting the two hosts") {
            [peer = peer.descriptor] () throws(NetlinkError) in
            try Link.setUp(.loopback)
            try Link.addPair(Self.interface, Self.interface, in: peer)
            try Link.setUp(Self.interface)
        }
        try peer.enter()
        try Self.step("setting up the other host") { () throws(NetlinkError) in
            try Link.setUp(Self.interface)
            try Self.setUpCable(families, isHost: false, networks: networks)
        }
        try host.enter()
        try Self.step("connecting the two hosts") { () throws(NetlinkError) in
            try Self.awaitCable(Self.interface)
            try Self.setUpCable(families, isHost: true, networks: networks)
        }
        var containers: [Namespace] = []
        for network in networks {
            containers.append(try Self.container(network, host: host.descriptor, families))
        }
        self.containers = containers
        try host.enter()
        if !networks.isEmpty {
            try Self.enableForwarding()
        }
        for network in networks {
            try Self.step("setting up \(network.interface)") { () throws(NetlinkError) in
                try Link.setUp(network.interface)
                // Then the container's end is up, too, since the kernel handles it first.
                try Self.awaitCable(network.interface)
                if families.contains(network.prefix.family) {
                    try Self.add(network.prefix, network.hostAddress, to: network.interface)
                }
            }
        }
        // The containers' ends of the cables work only now.
        for (container, network) in zip(containers, networks)
        where families.contains(network.prefix.family) {
            try container.enter()
            try Self.step("setting up a container") { () throws(NetlinkError) in
                guard try Self.hasCable() else { return }
                try Self.awaitAddress(network.containerAddress)
            }
        }
        try host.enter()
    }

    /// Runs one step; an error names the step.
    static func step(
        _ name: String, _ body: () throws(NetlinkError) -> Void
    ) throws(RehearsalError) {
        do {
            try body()
        } catch {
            throw .system(name, code: error.code)
        }
    }

    /// Waits until the kernel sends packets through a cable whose ends are up, instead of dropping
    /// them.
    private static func awaitCable(_ interface: InterfaceName) throws(NetlinkError) {
        try poll { () throws(NetlinkError) in try Link.isOperational(interface) }
    }

    /// Adds an address, and waits until packets to it are local.
    private static func add(
        _ prefix: IPPrefix, _ address: IPAddress, to interface: InterfaceName
    ) throws(NetlinkError) {
        _ = try InterfaceAddress.add(prefix, address: address, to: interface)
        try awaitAddress(address)
    }

    private static func awaitAddress(_ address: IPAddress) throws(NetlinkError) {
        try poll { () throws(NetlinkError) in try Route.isLocal(address) }
    }

    /// Whether the container has an interface; a second container on the same one has none.
    private static func hasCable() throws(NetlinkError) -> Bool {
        do {
            _ = try Link.isOperational(containerInterface)
            return true
        } catch {
            guard error.code == ENODEV else { throw error }
            return false
        }
    }

    /// Polls for an asynchronous change of the kernel, which may take seconds on a busy host.
    private static func poll(
        _ isDone: () throws(NetlinkError) -> Bool
    ) throws(NetlinkError) {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: .seconds(30))
        while try !isDone() {
            guard clock.now < end else { throw NetlinkError(code: ETIMEDOUT) }
            usleep(1000)
        }
    }

    private static func setUpCable(
        _ families: [AddressFamily], isHost: Bool, networks: [RehearsalSetting.Network]
    ) throws(NetlinkError) {
        for family in families {
            let (host, peer) = addresses(family)
            let cable = cable(family)
            try add(cable, isHost ? host : peer, to: interface)
            if isHost {
                try Route(
                    to: everything(family), .unicast(gateway: peer), on: interface, in: .main
                ).add()
                continue
            }
            // Every address is local except those of the host. The local table is consulted first,
            // so it must also contain the route to the host.
            try Route(to: everything(family), .local, on: .loopback, in: .local).add()
            try Route(to: cable, .unicast(gateway: nil), on: interface, in: .local).add()
            try Route(to: IPPrefix(peer), .local, on: interface, in: .local).add()
            for network in networks where network.prefix.family == family {
                try Route(
                    to: network.prefix, .unicast(gateway: host), on: interface, in: .local
                ).add()
            }
        }
    }

    /// Creates a container with one interface, connected to the host's.
    private static func container(
        _ network: RehearsalSetting.Network, host: Int32, _ families: [AddressFamily]
    ) throws(RehearsalError) -> Namespace {
        let namespace = try Namespace.fresh()
        try skipDuplicateAddressDetection()
        let family = network.prefix.family
        try step("setting up a container") { () throws(NetlinkError) in
            try Link.setUp(.loopback)
            do throws(NetlinkError) {
                try Link.addPair(containerInterface, network.interface, in: host)
            } catch {
                // A second network of the same interface has the same name; it gets no cable.
                guard error.code == EEXIST else { throw error }
                return
            }
            try Link.setUp(containerInterface)
            guard families.contains(family) else { return }
            _ = try InterfaceAddress.add(
                network.prefix, address: network.containerAddress, to: containerInterface)
            try Route(
                to: everything(family), .unicast(gateway: network.hostAddress),
                on: containerInterface, in: .main
            ).add()
        }
        return namespace
    }

    /// Makes the host forward packets of containers that the rules don't redirect.
    private static func enableForwarding() throws(RehearsalError) {
        for path in ["/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv6/conf/all/forwarding"] {
            try setting(path, "1", "enabling forwarding")
        }
    }
}
