package import Addressing
package import RuleIR

extension ReviewSummary {
    /// Packets that have something in common, as the items of one list.
    package enum Selection: Hashable, Sendable {
        case owners([UserIDRange])
        /// Some owners' packets to some ports.
        case flows([OwnedFlow])
        case ports([PortRange])
        /// Destinations, if outgoing, or sources, if incoming.
        case networks([IPPrefix])
        case servers([IPPrefix])

        /// The number of items that are named; of more, only the number is.
        private static let named = 4

        /// The selection as text, such as `ports 22 and 3306` or `2 networks`.
        package var text: String {
            switch self {
            case .owners(let owners): Self.text(owners, "UID", "UIDs", upTo: Self.named)
            case .flows(let flows): Self.text(of: flows)
            case .ports(let ports): Self.text(ports, "port", "ports", upTo: Self.named)
            case .networks(let networks):
                networks.allSatisfy(\.isSingle)
                    ? Self.text(networks, "address", "addresses", upTo: 1)
                    : Self.text(networks, "network", "networks", upTo: 1)
            case .servers(let servers): Self.list(servers, "server", "servers", upTo: Self.named)
            }
        }

        /// Returns the whole list, for a reader who asked for it.
        package var items: [String] {
            switch self {
            case .owners(let owners): owners.map(\.description)
            case .flows(let flows): flows.map(\.description)
            case .ports(let ports): ports.map(\.description)
            case .networks(let networks), .servers(let networks): networks.map(\.description)
            }
        }

        /// Returns `port 22`, `ports 22 and 3306` or `12 ports`.
        private static func text(
            _ items: [some CustomStringConvertible], _ one: String, _ many: String,
            upTo limit: Int
        ) -> String {
            guard items.count <= limit else { return "\(items.count) \(many)" }
            let isOne = items.count == 1 && !items[0].description.utf8.contains(UInt8(ascii: "-"))
            return "\(isOne ? one : many) \(joined(items.map(\.description)))"
        }

        /// Returns the items themselves, or their number.
        private static func list(
            _ items: [some CustomStringConvertible], _ one: String, _ many: String,
            upTo limit: Int
        ) -> String {
            guard items.count <= limit else { return "\(items.count) \(many)" }
            return joined(items.map(\.description))
        }

        private static func text(of flows: [OwnedFlow]) -> String {
            let whole = flows.allSatisfy {
                $0.ports == [.all] && $0.protocols == TransportProtocol.allCases
            }
            if whole { return text(flows.flatMap(\.owners), "UID", "UIDs", upTo: named) }
            guard flows.count <= 2 else { return "\(flows.count) lists of UIDs and ports" }
            return joined(flows.map(\.description))
        }

        /// Returns `22, 80 and 443`.
        static func joined(_ items: [String]) -> String {
            guard items.count > 1, let last = items.last else { return items.first ?? "" }
            return items.dropLast().joined(separator: ", ") + " and " + last
        }
    }
}
