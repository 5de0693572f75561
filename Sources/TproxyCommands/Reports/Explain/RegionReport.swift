import Addressing
import RuleTrace

/// A region of a pattern's packets, as text and as data.
struct RegionReport: Encodable {
    /// The values of one field; nil stands for all values of the pattern.
    struct Values: Encodable {
        /// The number of values in JSON; a list may have 100,000.
        private static let limit = 100
        private static let shown = 4

        /// Whether the listed values are excluded.
        var isNegated: Bool
        var count: Int
        var listed: [String]
        /// Listed values that are excluded again; nil if there are none.
        var except: [String]?

        init?<Value>(
            _ values: PacketRegion.Values<Value>?, _ text: (Value) -> String = { "\($0)" }
        ) {
            guard let values else { return nil }
            isNegated = values.isNegated
            count = values.listed.count
            listed = values.listed.prefix(Self.limit).map(text)
            except = values.except.isEmpty ? nil : values.except.map(text)
        }

        var words: String {
            let more = count - min(count, Self.shown)
            let texts =
                listed.prefix(Self.shown) + (more > 0 ? ["\(more) more"] : [])
            let exceptions = except.map { " but not \($0.joined(separator: ", "))" } ?? ""
            return texts.joined(separator: ", ") + exceptions
        }
    }

    var directions: [String]
    var families: [String]
    var transports: [String]
    var source: Values?
    var sourcePort: Values?
    var destination: Values?
    var destinationPort: Values?
    var owner: Values?
    var interface: Values?

    init(_ region: PacketRegion) {
        directions = region.directions.map { $0 == .outgoing ? "out" : "in" }
        families = region.families.map(\.rawValue)
        transports = region.transports.map(\.rawValue)
        source = Values(region.source)
        sourcePort = Values(region.sourcePort)
        destination = Values(region.destination)
        destinationPort = Values(region.destinationPort)
        owner = Values(region.owner) { owner in
            switch owner {
            case .users(let range): "\(range)"
            case .noSocket: "none"
            }
        }
        interface = Values(region.interface)
    }

    /// `out tcp over IPv4, UID 5678, not to 127.0.0.1`.
    var words: String {
        let versions = families.compactMap { AddressFamily(rawValue: $0)?.displayName }
        var parts = [
            [directions, transports].map { $0.joined(separator: " or ") }.joined(separator: " ")
                + " over " + versions.joined(separator: " or ")
        ]
        let details: [(String, Values?)] = [
            ("UID", owner), ("from", source), ("from port", sourcePort), ("to", destination),
            ("to port", destinationPort), (directions == ["in"] ? "on" : "via", interface),
        ]
        for (before, values) in details {
            if let values {
                parts.append((values.isNegated ? "not " : "") + "\(before) \(values.words)")
            }
        }
        return parts.joined(separator: ", ")
    }
}
