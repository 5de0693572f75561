import RuleIR

/// A mark of which some bits may be unknown.
struct KnownBits: Hashable, Sendable {
    /// The bits that are known.
    private(set) var known: UInt32
    /// The values of the known bits; other bits are 0.
    private(set) var value: UInt32

    static let zero = KnownBits(known: .max, value: 0)
    static let unknown = KnownBits(known: 0, value: 0)

    /// Whether the mark passes the test; nil if that depends on unknown bits.
    func passes(_ test: MarkTest) -> Bool? {
        if test.mask & ~known == 0 { return test.values.contains(value & test.mask) }
        let isPossible = test.values.contains { wanted in
            wanted & ~test.mask == 0 && (wanted ^ value) & test.mask & known == 0
        }
        return isPossible ? nil : false
    }

    mutating func apply(_ change: MarkChange) {
        known |= ~change.keeping
        value = (value & change.keeping ^ change.inverting) & known
    }

    /// Keeps the bits of `keeping`, and inverts those that `other` has of `copying`.
    mutating func copy(_ other: KnownBits, keeping: UInt32, copying: UInt32) {
        let isKnown = (known | ~keeping) & (other.known | ~copying)
        value = (value & keeping ^ other.value & copying) & isKnown
        known = isKnown
    }
}

/// The marks of a packet and of its connection.
struct PacketMarks: Hashable, Sendable {
    var packet: KnownBits
    var connection: KnownBits

    /// The first packet of an ordinary socket has no marks.
    static func initial(_ state: ConnectionState) -> PacketMarks {
        PacketMarks(packet: .zero, connection: state == .new ? .zero : .unknown)
    }

    static let unknown = PacketMarks(packet: .unknown, connection: .unknown)

    mutating func apply(_ change: PacketChange) {
        switch change {
        case .mark(.packet, let change): packet.apply(change)
        case .mark(.connection, let change): connection.apply(change)
        case .copy(.packet, let keeping, let copying):
            packet.copy(connection, keeping: keeping, copying: copying)
        case .copy(.connection, let keeping, let copying):
            connection.copy(packet, keeping: keeping, copying: copying)
        case .unknown(let mark): forget(mark)
        }
    }

    /// Applies a change that a rule makes only if the packet matches it.
    mutating func mayApply(_ change: PacketChange) {
        switch change {
        case .mark(let mark, _), .copy(let mark, _, _), .unknown(let mark): forget(mark)
        }
    }

    private mutating func forget(_ mark: PacketChange.Mark) {
        switch mark {
        case .packet: packet = .unknown
        case .connection: connection = .unknown
        }
    }
}
