import Addressing
import Glibc
import RuleTrace

/// Namespaces and cables that stay while rules come and go.
///
/// Belongs to the thread that made it, and rules loaded on that thread are the host's.
package struct StandingRehearsal {
    /// Packets that are sent before the first of them is waited for.
    private static let batchSize = 250

    private let network: RehearsalNetwork
    private let families: [AddressFamily]
    private var senders = SenderPorts()

    /// Makes the namespaces, and lets `body` use them with the thread in the host's.
    ///
    /// The thread is back in its own namespace afterwards, and nothing is left.
    package static func run<Result>(
        networks: [RehearsalSetting.Network],
        _ body: (inout StandingRehearsal) throws -> Result
    ) throws -> Result {
        let original = try Namespace.current()
        // Should the way back be barred, the thread stays where nothing can be harmed.
        defer { try? original.enter() }
        var rehearsal = try StandingRehearsal(networks)
        return try body(&rehearsal)
    }

    private init(_ networks: [RehearsalSetting.Network]) throws(RehearsalError) {
        families = Rehearsal.hasIPv6 ? [.ipv4, .ipv6] : [.ipv4]
        network = try RehearsalNetwork(networks: networks, families: families)
    }

    /// Sends the packets of the families that the kernel has, and sees where each lands.
    ///
    /// All are under way together, so packets that nobody gets are waited for once. The proxy listens
    /// where `setting` says; its networks must be those of the rehearsal.
    package mutating func send(
        _ paths: [RehearsalPath], _ setting: RehearsalSetting
    ) throws(RehearsalError) -> [RehearsalResult] {
        let sent = paths.filter { families.contains($0.packet.family) }
        let proxy = try ProxyListeners(setting, families)
        var results: [RehearsalResult] = []
        for start in stride(from: 0, to: sent.count, by: Self.batchSize) {
            let part = Array(sent[start..<min(start + Self.batchSize, sent.count)])
            senders.avoid(part, setting)
            var batch = PacketBatch(network, proxy.all)
            for path in part {
                try batch.add(path, from: path.packet.sourcePort?.number ?? senders.next())
            }
            results += try batch.send()
        }
        try network.host.enter()
        return results
    }
}

/// Source ports, each another one: conntrack would take a second packet for a part of the first's
/// flow.
struct SenderPorts {
    private static let range: ClosedRange<UInt16> = 45_000...60_999

    private var last = range.upperBound
    private var avoided: Set<UInt16> = []

    /// Keeps to ports that nobody listens on.
    mutating func avoid(_ paths: [RehearsalPath], _ setting: RehearsalSetting) {
        let proxy = [setting.inboundPort, setting.outboundPort, setting.dnsPort]
        avoided = Set((paths.map(\.packet.destinationPort) + proxy).map(\.number))
    }

    mutating func next() -> UInt16 {
        repeat {
            last = last == Self.range.upperBound ? Self.range.lowerBound : last + 1
        } while avoided.contains(last)
        return last
    }
}
