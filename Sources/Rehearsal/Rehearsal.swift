import Addressing
import Glibc
import RuleTrace

/// Tests rules with real packets, in namespaces that exist as long as the process.
package struct Rehearsal: Sendable {
    private let setting: RehearsalSetting
    private let paths: [RehearsalPath]

    package init(_ setting: RehearsalSetting, paths: [RehearsalPath]) {
        self.setting = setting
        self.paths = paths
    }

    /// Whether the kernel supports IPv6.
    package static var hasIPv6: Bool { unsafe access("/proc/net/if_inet6", F_OK) == 0 }

    /// Creates the namespaces, loads the rules into the host's with `load`, and sends every packet.
    ///
    /// Everything runs on the calling thread, which returns to its own namespace.
    package func run(load: () throws -> Void) throws -> [RehearsalResult] {
        try StandingRehearsal.run(networks: setting.networks) { rehearsal in
            try load()
            return try rehearsal.send(paths, setting)
        }
    }
}

/// A rehearsal whose namespaces and cables outlive the rules.
///
/// It belongs to the thread that created it; rules loaded on that thread are the host's.
package struct StandingRehearsal {
    /// The number of packets that are sent together.
    private static let batchSize = 250

    private let network: RehearsalNetwork
    private let families: [AddressFamily]
    private var senders = SenderPorts()

    /// Creates the namespaces and runs `body` with the thread in the host's.
    ///
    /// Afterwards the thread is in its own namespace, and the others are gone.
    package static func run<Result>(
        networks: [RehearsalSetting.Network],
        _ body: (inout StandingRehearsal) throws -> Result
    ) throws -> Result {
        let original = try Namespace.current()
        // If returning fails, the thread stays in a namespace where it can do no harm.
        defer { try? original.enter() }
        var rehearsal = try StandingRehearsal(networks)
        return try body(&rehearsal)
    }

    private init(_ networks: [RehearsalSetting.Network]) throws(RehearsalError) {
        families = Rehearsal.hasIPv6 ? [.ipv4, .ipv6] : [.ipv4]
        network = try RehearsalNetwork(networks: networks, families: families)
    }

    /// Sends the packets of the families that the kernel supports, and returns their results.
    ///
    /// All are in transit together, so there is only one wait for packets that don't arrive. The
    /// proxy listens on the ports of `setting`, whose networks must be those of the rehearsal.
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

/// Distinct source ports: conntrack would assign a second packet to the flow of the first.
struct SenderPorts {
    private static let range: ClosedRange<UInt16> = 45_000...60_999

    private var last = range.upperBound
    private var avoided: Set<UInt16> = []

    /// Excludes ports with a listener.
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

/// An error that prevents a rehearsal.
package enum RehearsalError: Error, Hashable, Sendable {
    /// The process lacks the capability that the step needs.
    case notPermitted(step: String)
    /// A step of the setup failed; `reason` is the system's message.
    case setUpFailed(step: String, reason: String)
}
