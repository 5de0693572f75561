import Addressing
import JSON
import RuleIR

/// Writes an element of a set as libnftables-json(5).
///
/// It builds no tree of values: a set may have 1,000,000 elements.
extension [UInt8] {
    mutating func append(_ element: NftElement) {
        switch element {
        case .addresses(let range): append(range)
        case .ports(let range): append(range.first.number, range.last.number)
        case .flow(let owners, let ports):
            append(verbatim: "{\"concat\": [")
            append(owners.first.number, owners.last.number)
            append(verbatim: ", ")
            append(ports.first.number, ports.last.number)
            append(verbatim: "]}")
        case .note(let number, let comment):
            append(verbatim: "{\"elem\": {\"val\": ")
            append(decimal: number)
            append(verbatim: ", \"comment\": ")
            append(quoted: comment)
            append(verbatim: "}}")
        }
    }

    private mutating func append(_ range: AddressRange) {
        guard let prefix = range.prefix else {
            append(verbatim: "{\"range\": [")
            append(quoted: "\(range.first)")
            append(verbatim: ", ")
            append(quoted: "\(range.last)")
            append(verbatim: "]}")
            return
        }
        guard !prefix.isSingle else { return append(quoted: "\(prefix.address)") }
        append(verbatim: "{\"prefix\": {\"addr\": ")
        append(quoted: "\(prefix.address)")
        append(verbatim: ", \"len\": ")
        append(decimal: prefix.length)
        append(verbatim: "}}")
    }

    private mutating func append<Number: BinaryInteger>(_ first: Number, _ last: Number) {
        guard first != last else { return append(decimal: first) }
        append(verbatim: "{\"range\": [")
        append(decimal: first)
        append(verbatim: ", ")
        append(decimal: last)
        append(verbatim: "]}")
    }
}
