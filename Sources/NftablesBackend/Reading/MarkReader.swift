import JSON
import RuleIR

/// Reads matches and changes of the marks of packets and connections.
enum MarkReader {
    /// Returns the condition of a match of a mark; nil for another match.
    static func condition(_ match: JSONValue, _ sets: ForeignSets) -> FilterCondition? {
        guard let match = ListedMatch(match) else { return nil }
        var (tested, mask) = (match.left, UInt32.max)
        if let masked = match.left["&"]?.array {
            guard masked.count == 2, let bits = masked[1].bits else { return nil }
            (tested, mask) = (masked[0], bits)
        }
        guard let mark = mark(tested) else { return nil }
        let items = sets.elements(ofSet: match.right) ?? [match.right]
        let values = items.compactMap { ($0["elem"]?["val"] ?? $0).bits }
        guard values.count == items.count else { return nil }
        let test = MarkTest(mask: mask, values: values)
        switch mark {
        case .packet: return FilterCondition(.mark(test), isNegated: match.isNegated)
        case .connection: return FilterCondition(.connectionMark(test), isNegated: match.isNegated)
        }
    }

    /// Returns the change that a statement makes; nil if it changes no mark.
    static func change(_ statement: JSONValue) -> PacketChange? {
        guard let key = statement["mangle"]?["key"], let changed = mark(key),
            let value = statement["mangle"]?["value"]
        else { return nil }
        guard let sum = Sum(value) else { return .unknown(changed) }
        switch sum.source {
        case nil: return .mark(changed, .set(sum.inverting))
        case changed?:
            return .mark(changed, MarkChange(keeping: sum.keeping, inverting: sum.inverting))
        case .some:
            guard sum.inverting == 0 else { return .unknown(changed) }
            return .copy(to: changed, keeping: 0, copying: sum.keeping)
        }
    }

    private static func mark(_ value: JSONValue) -> PacketChange.Mark? {
        if value == ["meta": ["key": "mark"]] { return .packet }
        return value == ["ct": ["key": "mark"]] ? .connection : nil
    }

    /// A value as bits of a mark and constants.
    private struct Sum {
        /// The mark from which bits are kept; nil for a constant.
        var source: PacketChange.Mark?
        var keeping: UInt32 = 0
        var inverting: UInt32 = 0

        init?(_ value: JSONValue) {
            if let bits = value.bits {
                inverting = bits
            } else if let mark = MarkReader.mark(value) {
                (source, keeping) = (mark, .max)
            } else if case .object(let members) = value, members.count == 1,
                let (operation, operands) = members.first, let pair = operands.array,
                pair.count == 2, let inner = Sum(pair[0]), let bits = pair[1].bits
            {
                self = inner
                switch operation {
                case "&":
                    keeping &= bits
                    inverting &= bits
                case "|":
                    keeping &= ~bits
                    inverting = inverting & ~bits | bits
                case "^": inverting ^= bits
                case _: return nil
                }
            } else {
                return nil
            }
        }
    }
}

extension JSONValue {
    fileprivate var bits: UInt32? { number.flatMap { UInt32(exactly: $0) } }
}
