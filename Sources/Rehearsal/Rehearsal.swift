import Addressing
import Glibc
import RuleTrace

/// A trial of rules with real packets, in namespaces that go with the process.
package struct Rehearsal: Sendable {
    private let setting: RehearsalSetting
    private let paths: [RehearsalPath]

    package init(_ setting: RehearsalSetting, paths: [RehearsalPath]) {
        self.setting = setting
        self.paths = paths
    }

    /// Whether the kernel has IPv6 at all.
    package static var hasIPv6: Bool { unsafe access("/proc/net/if_inet6", F_OK) == 0 }

    /// Makes the namespaces, lets `load` put the rules into the host's, and sends every packet.
    ///
    /// Everything happens on the calling thread, which is back in its own namespace afterwards.
    package func run(load: () throws -> Void) throws -> [RehearsalResult] {
        let families: [AddressFamily] = Self.hasIPv6 ? [.ipv4, .ipv6] : [.ipv4]
        let original = try Namespace.current()
        // Should the way back be barred, the thread stays where nothing can be harmed.
        defer { try? original.enter() }
        let network = try RehearsalNetwork(setting, families: families)
        try load()
        let proxy = try ProxyListeners(setting, families)
        var results: [RehearsalResult] = []
        for path in paths where families.contains(path.packet.family) {
            results.append(try send(path, in: network, proxy))
        }
        return results
    }

    private func send(
        _ path: RehearsalPath, in network: RehearsalNetwork, _ proxy: ProxyListeners
    ) throws(RehearsalError) -> RehearsalResult {
        let packet = path.packet
        if hasTarget(at: packet.destination) {
            try network.host.enter()
        } else {
            try network.peer.enter()
        }
        let server = try Socket(packet.transport, packet.family, owner: .applicationUser)
        try server.listen(on: packet.destination, packet.destinationPort)

        switch path.start {
        case .host: try network.host.enter()
        case .peer: try network.peer.enter()
        case .container(let index): try network.containers[index].enter()
        }
        let client = try Socket(
            packet.transport, packet.family, owner: packet.owner ?? .applicationUser)
        try client.bind(to: packet.source, packet.sourcePort?.number ?? 0)
        let listeners =
            proxy.all.filter {
                $0.socket.transport == packet.transport && $0.socket.family == packet.family
            } + [Listener(socket: server, landing: .destination)]
        let result = Probe(path: path, client: client, listeners: listeners).run()
        try network.host.enter()
        return result
    }

    /// Whether an address is the host's own; every other is the other host's.
    private func hasTarget(at address: IPAddress) -> Bool {
        address.isLoopback || address == RehearsalNetwork.addresses(address.family).host
            || setting.networks.contains { $0.hostAddress == address }
    }
}
