import Addressing
import ArgumentParser
import Diagnostics
import RuleTrace
import TproxyOperations

/// The packet that `explain` traces.
struct PacketOptions: ParsableArguments {
    @Option(help: "out: a process of this host sends it; in: it arrives on an interface.")
    var direction: PacketText.Direction?

    @Option(help: "The transport protocol.")
    var proto: TransportProtocol?

    @Option(
        help: ArgumentHelp(
            "The UID that owns the sending socket; 'none' for no socket.",
            discussion: "Outgoing packets only. Default: 0 (root)."))
    var uid: String?

    @Option(help: "The source: address, or address:port; [address]:port for IPv6.")
    var from: String?

    @Option(
        help: ArgumentHelp(
            "The destination: address:port; [address]:port for IPv6.",
            discussion: "With --why, also an address or a prefix."))
    var to: String?

    @Option(help: "The destination port, if --to has none.")
    var port: String?

    @Option(
        help: ArgumentHelp(
            "The interface that it arrives on or is routed to.",
            discussion: """
                Default: the loopback interface for a loopback destination, one of the host's own, \
                or one equal to the source; else the first that isn't loopback, or eth0.
                """))
    var interface: String?

    /// The given fields; problems name the flag.
    var text: PacketText {
        let given: [(PacketText.Field, String?)] = [
            (.direction, direction?.rawValue), (.proto, proto?.rawValue), (.uid, uid),
            (.from, from), (.to, to), (.port, port), (.interface, interface),
        ]
        var values: [PacketText.Field: String] = [:]
        for (field, value) in given {
            values[field] = value
        }
        return PacketText(values) { [values] field, expected in
            .invalidArgument("--\(field.rawValue)", values[field] ?? "", expected: expected)
        }
    }

    /// Whether any field of a packet was given.
    var isGiven: Bool { PacketText.Field.allCases.contains { text.has($0) } }

    func packet(on addresses: LocalAddresses) throws(OperationFailure) -> Packet {
        var text = text
        guard let packet = text.packet(on: addresses) else {
            throw OperationFailure(text.problems)
        }
        Console.report(text.notes)
        return packet
    }
}

extension TransportProtocol: ExpressibleByArgument {}
extension PacketText.Direction: ExpressibleByArgument {}
