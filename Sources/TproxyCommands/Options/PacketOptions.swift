import Addressing
import ArgumentParser
import Diagnostics
import RuleIR
import RuleTrace

/// The packet that `explain` is asked about.
struct PacketOptions: ParsableArguments {
    enum Direction: String, ExpressibleByArgument, CaseIterable {
        case out
        case `in`
    }

    @Option(help: "Whether a process of this host sends it, or it arrives on an interface.")
    var direction: Direction = .out

    @Option(help: "Its transport protocol.")
    var proto: TransportProtocol = .tcp

    @Option(
        help: ArgumentHelp(
            "The user that owns the sending socket; 'none' for no socket.",
            discussion: "Outgoing packets only. Default: 0, a process of root."))
    var uid: String?

    @Option(help: "Its source: address, or address:port; [address]:port for IPv6.")
    var from: String?

    @Option(help: "Its destination: address:port; [address]:port for IPv6.")
    var to: String

    @Option(
        help: ArgumentHelp(
            "The interface it arrives on or is routed to.",
            discussion: """
                Default: the loopback interface for a loopback destination or one equal to the \
                source, else eth0. Give it for the host's own addresses.
                """))
    var interface: String?

    /// The packet; `loopback` is the host's loopback interface.
    func packet(loopback: InterfaceName) throws(CommandFailure) -> Packet {
        let target = try Endpoint(to, flag: "--to")
        guard let port = target.port else {
            throw CommandFailure(
                .invalidArgument("--to", to, expected: "ADDRESS:PORT or [ADDRESS]:PORT"))
        }
        let source = try from.map { text throws(CommandFailure) in
            try Endpoint(text, flag: "--from")
        }
        if let source, source.address.family != target.address.family {
            throw CommandFailure(
                .invalidArgument(
                    "--from", from ?? "",
                    expected: "an \(target.address.family.displayName) address, as --to is"))
        }
        return Packet(
            direction: direction == .out ? .outgoing : .incoming, transport: proto,
            owner: try owner(), source: source?.address ?? Self.anySource(for: target.address),
            sourcePort: source?.port, destination: target.address, destinationPort: port,
            interface: try interfaceName(
                loopback, source: source?.address, destination: target.address))
    }

    private func owner() throws(CommandFailure) -> UserID? {
        guard direction == .out else {
            guard uid == nil else {
                throw CommandFailure(
                    .invalidArgument(
                        "--uid", uid ?? "",
                        expected: "it for outgoing packets only: an incoming one has no owner here")
                )
            }
            return nil
        }
        guard let uid else { return UserID(0) }
        guard uid != "none" else { return nil }
        guard let owner = UserID(uid) else {
            throw CommandFailure(
                .invalidArgument("--uid", uid, expected: "a number, 0...4294967294, or 'none'"))
        }
        return owner
    }

    private func interfaceName(
        _ loopback: InterfaceName, source: IPAddress?, destination: IPAddress
    ) throws(CommandFailure) -> InterfaceName {
        if let interface {
            guard let name = InterfaceName(interface) else {
                throw CommandFailure(
                    .invalidArgument(
                        "--interface", interface,
                        expected: "1 to 15 letters, digits and _ . - @"))
            }
            return name
        }
        let isLocal = destination.isLoopback || destination == source
        return isLocal ? loopback : .ethernet
    }

    /// localhost for a loopback destination; else the unspecified address, which no list holds.
    private static func anySource(for destination: IPAddress) -> IPAddress {
        let localhost: UInt128 = destination.family == .ipv4 ? 0x7F00_0001 : 1
        return IPAddress(
            family: destination.family, bits: destination.isLoopback ? localhost : 0)
    }
}

extension TransportProtocol: ExpressibleByArgument {}
