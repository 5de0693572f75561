import Addressing
import JSON
import RuleIR

/// Reads the destinations of `dnat` and `redirect` statements.
struct TranslationReader {
    let sets: ForeignSets

    /// The maximum number of destinations of one rule.
    private static let maximum = 256

    /// A new destination; nil leaves that part unchanged.
    private struct Target: Hashable {
        var address: IPAddress?
        var port: Port?
    }

    private enum Kind {
        case dnat
        case redirect
    }

    /// Returns the effect; nil if the destinations are unknown.
    func dnat(_ value: JSONValue, _ matches: inout MatchReader) -> OpaqueRule.Effect? {
        effect(value, .dnat, &matches)
    }

    func redirect(_ value: JSONValue, _ matches: inout MatchReader) -> OpaqueRule.Effect? {
        effect(value, .redirect, &matches)
    }

    private func effect(
        _ value: JSONValue, _ kind: Kind, _ matches: inout MatchReader
    ) -> OpaqueRule.Effect? {
        let (address, port) = (value["addr"], value["port"])
        if let map = address?["map"], port == nil { return mapped(map, kind, &matches) }
        if let map = port?["map"], address == nil { return mapped(map, kind, &matches) }
        guard address != nil || port != nil,
            let addresses = address.map(Self.addresses) ?? [nil],
            let ports = port.map(Self.ports) ?? [nil],
            addresses.count * ports.count <= Self.maximum
        else { return nil }
        return Self.effect(
            addresses.flatMap { one in ports.map { Target(address: one, port: $0) } }, kind)
    }

    /// Returns the effect of `map`, whose values are addresses, ports, or both.
    private func mapped(
        _ map: JSONValue, _ kind: Kind, _ matches: inout MatchReader
    ) -> OpaqueRule.Effect? {
        guard let key = map["key"], let data = map["data"] else { return nil }
        return MapReader(sets: sets).effect(key, data, &matches) { value in
            Self.target(value).flatMap { Self.effect([$0], kind) }
        }
    }

    private static func target(_ value: JSONValue) -> Target? {
        let parts = value["concat"]?.array ?? [value]
        var target = Target()
        for part in parts {
            if let address = part.string.flatMap({ IPAddress($0) }), target.address == nil {
                target.address = address
            } else if let port = part.number.flatMap({ Port($0) }), target.port == nil {
                target.port = port
            } else {
                return nil
            }
        }
        return target
    }

    private static func effect(_ targets: [Target], _ kind: Kind) -> OpaqueRule.Effect? {
        let effects = targets.compactMap { target -> OpaqueRule.Effect? in
            switch kind {
            case .dnat: .translate(to: target.address, target.port)
            case .redirect: target.port.map { .known(.action(.redirect($0))) }
            }
        }
        guard effects.count == targets.count, let first = effects.first else { return nil }
        return effects.count == 1 ? first : .oneOf(effects)
    }

    /// The addresses of one value or a range; nil if there are too many.
    private static func addresses(_ value: JSONValue) -> [IPAddress?]? {
        guard let range = value.addresses, range.last.bits - range.first.bits < maximum else {
            return nil
        }
        return (0...Int(range.last.bits - range.first.bits)).map {
            IPAddress(family: range.family, bits: range.first.bits + UInt128($0))
        }
    }

    private static func ports(_ value: JSONValue) -> [Port?]? {
        guard let range = value.ports, range.last.number - range.first.number < maximum else {
            return nil
        }
        return (range.first.number...range.last.number).map { Port(Int($0)) }
    }
}
