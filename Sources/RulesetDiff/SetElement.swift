package import Addressing
package import RuleIR

/// An element of a set, as people write it.
package enum SetElement: Hashable, Sendable, CustomStringConvertible {
    case prefix(IPPrefix)
    case ports(PortRange)
    case flow(FlowRectangle)

    package var description: String {
        switch self {
        case .prefix(let prefix): "\(prefix)"
        case .ports(let ports): "\(ports)"
        case .flow(let flow): "\(flow)"
        }
    }
}

extension SetDifference {
    /// Compares two sets; nil if they have the same elements.
    init?(table: String, name: String, from loaded: ListedSet?, to planned: ListedSet?) {
        self.init(
            table: table, name: name, presence: .kept,
            added: Self.elements(of: planned, without: loaded),
            removed: Self.elements(of: loaded, without: planned))
        switch (loaded, planned) {
        case (nil, nil): return nil
        case (nil, _?): presence = .added
        case (_?, nil): presence = .removed
        case (let loaded?, let planned?):
            if !Self.isSameKind(loaded, planned) {
                presence = .ofOtherKind
            } else if added.isEmpty, removed.isEmpty {
                return nil
            }
        }
    }

    private static func isSameKind(_ one: ListedSet, _ other: ListedSet) -> Bool {
        switch (one, other) {
        case (.readable(let one), .readable(let other)):
            switch (one.members, other.members) {
            case (.addresses(let family, _), .addresses(let other, _)): family == other
            case (.ports, .ports), (.ownedFlows, .ownedFlows): true
            case (.addresses, _), (.ports, _), (.ownedFlows, _): false
            }
        case (.native, .native): one == other
        case (.readable, .native), (.native, .readable): false
        }
    }

    /// Returns the elements of `set` that aren't in `other`, with the fewest ranges.
    private static func elements(
        of set: ListedSet?, without other: ListedSet?
    ) -> [SetElement] {
        guard case .readable(let set) = set else { return [] }
        let others: NamedSet.Members? =
            if case .readable(let other) = other { other.members } else { nil }
        switch set.members {
        case .addresses(_, let members):
            var taken: [AddressRange] = []
            if case .addresses(_, let members) = others { taken = members.map(\.value.range) }
            return AddressRange.subtracting(taken, from: members.map(\.value.range))
                .flatMap(\.prefixes).map { .prefix($0) }
        case .ports(let members):
            var taken: [PortRange] = []
            if case .ports(let members) = others { taken = members.map(\.value) }
            return PortRange.subtracting(taken, from: members.map(\.value)).map { .ports($0) }
        case .ownedFlows(let members):
            var taken: Set<FlowRectangle> = []
            if case .ownedFlows(let members) = others {
                taken = Set(FlowRectangles(members.map(\.value)).rectangles)
            }
            return FlowRectangles(members.map(\.value)).rectangles
                .filter { !taken.contains($0) }.map { .flow($0) }
        }
    }
}
