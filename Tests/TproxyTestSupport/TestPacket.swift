package import Addressing
package import RuleTrace
import RuleIR

/// A packet written in a test: `.out(.tcp, to: "10.1.2.3", 80, uid: 1000)`.
extension Packet {
    package struct NotAPacket: Error {}

    /// A packet of a process of this host; a loopback destination is routed to `lo`.
    package static func out(
        _ transport: TransportProtocol, from source: String? = nil, sourcePort: UInt32? = nil,
        to destination: String, _ port: UInt32, uid: UInt32? = 0, via interface: String? = nil
    ) throws -> Packet {
        try make(
            .outgoing, transport, source, sourcePort, destination, port, uid: uid,
            interface: interface ?? (IPAddress(destination)?.isLoopback == true ? "lo" : "eth0"))
    }

    /// An incoming packet.
    package static func `in`(
        _ transport: TransportProtocol, from source: String? = nil, sourcePort: UInt32? = nil,
        to destination: String, _ port: UInt32, on interface: String = "eth0"
    ) throws -> Packet {
        try make(
            .incoming, transport, source, sourcePort, destination, port, uid: nil,
            interface: interface)
    }

    private static func make(
        _ direction: Direction, _ transport: TransportProtocol, _ source: String?,
        _ sourcePort: UInt32?, _ destination: String, _ port: UInt32, uid: UInt32?,
        interface: String
    ) throws -> Packet {
        guard let target = IPAddress(destination), let number = Port("\(port)"),
            let interface = InterfaceName(interface),
            let from = IPAddress(
                source ?? (target.family == .ipv4 ? "198.51.100.9" : "2001:db8::9"))
        else { throw NotAPacket() }
        return Packet(
            direction: direction, transport: transport, owner: uid.flatMap { UserID("\($0)") },
            source: from, sourcePort: sourcePort.flatMap { Port("\($0)") }, destination: target,
            destinationPort: number, interface: interface)
    }
}
