import Addressing
import Diagnostics
import RuleTrace

/// A packet as the user wrote it, with flags or in a line of a file.
struct PacketText {
    enum Field: String, CaseIterable {
        case direction
        case proto
        case uid
        case from
        case to
        case port
        case interface
    }

    enum Direction: String, CaseIterable {
        case out
        case `in`
    }

    /// The written fields; a field that wasn't written has no entry.
    let values: [Field: String]
    /// Creates the diagnostic for an invalid field at its place.
    private let complaint: (_ field: Field, _ expected: String) -> Diagnostic
    private(set) var problems: [Diagnostic] = []
    /// Notes on fields that the packet has differently from the text.
    private(set) var notes: [Diagnostic] = []

    init(
        _ values: [Field: String],
        problem: @escaping (_ field: Field, _ expected: String) -> Diagnostic
    ) {
        self.values = values
        complaint = problem
    }

    /// Returns the packet, routed by the host's addresses; nil if there are problems.
    mutating func packet(on addresses: LocalAddresses) -> Packet? {
        let direction = direction ?? .outgoing
        let transport = transport ?? .tcp
        let target = endpoint(.to)
        let source = endpoint(.from)
        let port = port(of: target)
        let owner = owner(direction)
        let interface = interface
        if values[.to] == nil {
            reject(.to, "the packet's destination, ADDRESS:PORT or [ADDRESS]:PORT")
        } else if target != nil, port == nil, values[.port] == nil {
            reject(.to, "ADDRESS:PORT or [ADDRESS]:PORT")
        }
        let wire = target.map { WireAddress(from: source?.address, to: $0.address) }
        if let wire, let source = wire.source, source.family != wire.destination.family {
            reject(
                .from, "an \(wire.destination.family.displayName) address, as the destination is")
        }
        guard problems.isEmpty, let target, let port, let wire else { return nil }
        let destination = wire.destination
        note("\(target.address)", is: "\(destination)")
        return Packet(
            direction: direction, transport: transport, owner: owner.flatMap(\.self),
            source: wire.source ?? Self.anySource(for: destination),
            sourcePort: source?.port, destination: destination, destinationPort: port,
            interface: interface
                ?? Self.interface(direction, wire.source, destination, addresses))
    }

    /// Notes that the destination occurs in no packet, and what replaces it.
    mutating func note(_ written: String, is destination: String) {
        guard written != destination else { return }
        notes.append(
            Diagnostic(
                .note, id: "other-destination",
                "a packet to \(written) goes to \(destination)", at: complaint(.to, "").location))
    }

    /// Returns loopback for the host's own addresses, and if source and destination are equal.
    private static func interface(
        _ direction: Packet.Direction, _ source: IPAddress?, _ destination: IPAddress,
        _ addresses: LocalAddresses
    ) -> InterfaceName {
        if destination.isLoopback || destination == source { return addresses.loopback }
        return switch direction {
        case .outgoing: addresses.route(to: destination)
        case .incoming: addresses.arrival(for: destination)
        }
    }

    /// Returns localhost for a loopback destination, else the unspecified address.
    ///
    /// No list contains the unspecified address.
    private static func anySource(for destination: IPAddress) -> IPAddress {
        destination.isLoopback
            ? .localhost(destination.family) : .unspecified(destination.family)
    }
}

extension PacketText {
    mutating func reject(_ field: Field, _ expected: String) {
        problems.append(complaint(field, expected))
    }

    mutating func read<Value>(
        _ field: Field, expected: String, _ read: (String) -> Value?
    ) -> Value? {
        guard let text = values[field] else { return nil }
        guard let value = read(text) else {
            reject(field, expected)
            return nil
        }
        return value
    }

    var direction: Packet.Direction? {
        mutating get {
            read(.direction, expected: "out or in") { text in
                Direction(rawValue: text).map { $0 == .out ? .outgoing : .incoming }
            }
        }
    }

    var transport: TransportProtocol? {
        mutating get { read(.proto, expected: "tcp or udp") { TransportProtocol(rawValue: $0) } }
    }

    var interface: InterfaceName? {
        mutating get {
            read(.interface, expected: "1 to 15 letters, digits and _ . - @") {
                InterfaceName($0)
            }
        }
    }

    mutating func endpoint(_ field: Field) -> Endpoint? {
        read(field, expected: Endpoint.expected) { Endpoint($0) }
    }

    /// Returns the port of the destination, or the port that is given separately.
    mutating func port(of target: Endpoint?) -> Port? {
        let alone = read(.port, expected: "a port of 1...65535") { Port($0) }
        if alone != nil, target?.port != nil {
            reject(.port, "one port: the destination has one already")
        }
        return alone ?? target?.port
    }

    /// Returns the owner, by default root; the inner nil is a packet without a socket.
    mutating func owner(_ direction: Packet.Direction) -> UserID?? {
        guard values[.uid] != nil else {
            return .some(direction == .outgoing ? .root : nil)
        }
        guard direction == .outgoing else {
            reject(
                .uid, "it for outgoing packets only: an incoming packet has no owner on this host")
            return nil
        }
        return read(.uid, expected: "a number, 0...4294967294, or 'none'") { text in
            text == "none" ? .some(nil) : UserID(text).map { .some($0) }
        }
    }

    func has(_ field: Field) -> Bool { values[field] != nil }
}
