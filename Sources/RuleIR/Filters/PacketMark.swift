/// A test of a mark: the bits of `mask` have one of these values.
package struct MarkTest: Hashable, Sendable, Codable {
    package var mask: UInt32
    package var values: [UInt32]

    package init(mask: UInt32 = .max, values: [UInt32]) {
        self.mask = mask
        self.values = values
    }
}

/// A change of a mark: the bits to keep, and then the bits to invert.
///
/// Setting, masking, combining with `|` and `^` all have this form.
package struct MarkChange: Hashable, Sendable, Codable {
    package var keeping: UInt32
    package var inverting: UInt32

    package init(keeping: UInt32, inverting: UInt32) {
        self.keeping = keeping
        self.inverting = inverting
    }

    /// The change that sets every bit.
    package static func set(_ value: UInt32) -> MarkChange {
        MarkChange(keeping: 0, inverting: value)
    }
}

/// What a rule changes in a packet or its connection, before its verdict.
package enum PacketChange: Hashable, Sendable, Codable {
    /// The two marks that rules can change.
    package enum Mark: String, Hashable, Sendable, Codable {
        case packet
        case connection
    }

    case mark(Mark, MarkChange)
    /// The mark keeps `keeping` and inverts those bits that the other mark has in `copying`.
    case copy(to: Mark, keeping: UInt32, copying: UInt32)
    /// The new value is unknown.
    case unknown(Mark)
}
