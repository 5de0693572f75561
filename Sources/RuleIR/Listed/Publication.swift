package import Addressing

extension ListedRules {
    /// The ports that rules send to another address.
    package var publishedPorts: [Port] {
        var ports: Set<Port> = []
        for chain in tables.flatMap(\.chains) {
            for case .native(let rule) in chain.entries {
                guard case .translate(to: .some, _) = rule.effect else { continue }
                for case .destinationPort(.port(let port)) in rule.matches { ports.insert(port) }
            }
        }
        return ports.sorted()
    }
}
