package import Addressing

extension ListedRules {
    /// The ports that rules send to another address.
    package var publishedPorts: [Port] {
        var ports: Set<Port> = []
        for chain in tables.flatMap(\.chains) {
            for case .native(let rule) in chain.entries {
                rule.effect.addPublished(to: &ports, rule.matches)
            }
        }
        return ports.sorted()
    }
}

extension OpaqueRule.Effect {
    /// Whether the effect changes the destination address.
    private var isPublication: Bool {
        switch self {
        case .translate(to: .some, _): true
        case .oneOf(let effects): effects.contains(where: \.isPublication)
        case .translate(to: nil, _), .unknown, .aside, .known, .byKey: false
        }
    }

    fileprivate func addPublished(to ports: inout Set<Port>, _ matches: [Match]) {
        if case .byKey(let branches) = self {
            for branch in branches {
                branch.effect.addPublished(to: &ports, matches + branch.key.matches)
            }
        }
        guard isPublication else { return }
        for case .destinationPort(.port(let port)) in matches { ports.insert(port) }
    }
}
