import Addressing
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// No set overlaps itself, which the kernel refuses, and each contains the items of its list.
@Suite struct SetTests {
    @Test func noSetOverlapsItself() {
        GeneratedPlans.each(1000) { plan, _ in
            for set in NftTable(plan.ruleset).sets {
                for (index, one) in set.elements.enumerated() {
                    for other in set.elements[(index + 1)...] where one.overlaps(other) {
                        throw Broken("\(set.name) holds \(one) and \(other)")
                    }
                }
            }
        }
    }

    /// Whether a list is a set or several matches.
    @Test func everyListMatchesExactlyItsMembers() {
        GeneratedPlans.each(1000) { plan, _ in
            for set in plan.ruleset.sets {
                let lowering = SetLowering([set])
                for probe in set.probes {
                    let isMember = set.contains(probe)
                    guard lowering.holds(probe, set.name) == isMember else {
                        throw Broken("\(set.name): \(probe), in the list: \(isMember)")
                    }
                }
            }
        }
    }

    /// A set with a range is an interval set, and an interval set has a range.
    @Test func onlySetsWithRangesAreIntervalSets() {
        GeneratedPlans.each(1000) { plan, _ in
            for set in NftTable(plan.ruleset).sets {
                let isRanged = set.elements.contains(where: \.isWide)
                try Broken.unlessEqual(set.isInterval, isRanged, set.name)
                guard !isRanged || set.elements.count > 1 else {
                    throw Broken("\(set.name) holds one range")
                }
            }
        }
    }
}

extension SetLowering {
    /// Whether the matches for the list hold for a value: all matches of exactly one alternative.
    fileprivate func holds(_ probe: SetProbe, _ name: SetName) -> Bool {
        let lists: [[NftStatement]]
        switch probe {
        case .address(let address):
            let isNegated = alternatives(
                .destinationAddress(address.family), isNegated: true, name)
            let isMember = alternatives(.destinationAddress(address.family), name)
                .contains { $0.allSatisfy { holds($0, probe) } }
            // A negation holds exactly where the list's own matches don't.
            let isOther = isNegated.contains { $0.allSatisfy { holds($0, probe) } }
            return isMember != isOther ? isMember : !isMember
        case .port: lists = alternatives(.destinationPort(.tcp), name)
        case .flow(_, let transport, _): lists = flowAlternatives(name, transport)
        }
        return lists.count { $0.allSatisfy { holds($0, probe) } } == 1
    }

    private func holds(_ statement: NftStatement, _ probe: SetProbe) -> Bool {
        guard case .match(_, let isNegated, let value) = statement else { return false }
        let isSo: Bool
        switch (value, probe) {
        case (.set(let name), _):
            isSo = sets.first { $0.name == name }?.contains(probe) ?? false
        case (.prefix(let prefix), .address(let address)): isSo = prefix.contains(address)
        case (.port(let one), .port(let port)), (.port(let one), .flow(_, _, let port)):
            isSo = one == port
        case (.ports(let range), .port(let port)), (.ports(let range), .flow(_, _, let port)):
            isSo = range.contains(port)
        case (.user(let one), .flow(let owner, _, _)): isSo = one == owner
        case (.users(let range), .flow(let owner, _, _)): isSo = range.contains(owner)
        case (_, _): return false
        }
        return isSo != isNegated
    }
}

/// A value to look up in a set.
private enum SetProbe {
    case address(IPAddress)
    case port(Port)
    case flow(UserID, TransportProtocol, Port)
}

extension NamedSet {
    /// The ends of every member, and their neighbours.
    fileprivate var probes: [SetProbe] {
        switch members {
        case .addresses(_, let members):
            return members.flatMap { member in
                let (range, family) = (member.value.range, member.value.family)
                return [
                    range.first.bits &- 1, range.first.bits, range.last.bits, range.last.bits &+ 1,
                ]
                .map { SetProbe.address(IPAddress(family: family, bits: $0)) }
            }
        case .ports(let members):
            return members.flatMap { Self.edges($0.value) }.map { SetProbe.port($0) }
        case .ownedFlows(let members):
            return members.prefix(6).flatMap { member in
                let owners = member.value.owners.flatMap { owners in
                    [-1, 0].compactMap { UserID(Int64(owners.first.number) + $0) }
                        + [0, 1].compactMap { UserID(Int64(owners.last.number) + $0) }
                }
                return TransportProtocol.allCases.flatMap { transport in
                    owners.flatMap { owner in
                        member.value.ports.prefix(4).flatMap(Self.edges).map { port in
                            SetProbe.flow(owner, transport, port)
                        }
                    }
                }
            }
        }
    }

    private static func edges(_ range: PortRange) -> [Port] {
        [
            Int(range.first.number) - 1, Int(range.first.number), Int(range.last.number),
            Int(range.last.number) + 1,
        ].compactMap { Port($0) }
    }

    /// Whether a member of the list contains it.
    fileprivate func contains(_ probe: SetProbe) -> Bool {
        switch (members, probe) {
        case (.addresses(_, let members), .address(let address)):
            members.contains { $0.value.contains(address) }
        case (.ports(let members), .port(let port)):
            members.contains { $0.value.contains(port) }
        case (.ownedFlows(let members), .flow(let owner, let transport, let port)):
            members.contains { $0.value.contains(transport, port: port, owner: owner) }
        case (_, _): false
        }
    }
}

extension NftSet {
    fileprivate func contains(_ probe: SetProbe) -> Bool {
        if case .flow(_, let transport, _) = probe,
            TransportProtocol.those(ofSet: name) != [transport]
        {
            return false
        }
        return elements.contains { $0.contains(probe) }
    }
}

extension NftElement {
    fileprivate var isWide: Bool {
        switch self {
        case .addresses(let range): range.first != range.last
        case .ports(let range): range.first != range.last
        case .flow(let owners, let ports): owners.first != owners.last || ports.first != ports.last
        case .note: false
        }
    }

    fileprivate func contains(_ probe: SetProbe) -> Bool {
        switch (self, probe) {
        case (.addresses(let range), .address(let address)): range.contains(address)
        case (.ports(let range), .port(let port)): range.contains(port)
        case (.flow(let owners, let ports), .flow(let owner, _, let port)):
            owners.contains(owner) && ports.contains(port)
        case (_, _): false
        }
    }

    fileprivate func overlaps(_ other: NftElement) -> Bool {
        switch (self, other) {
        case (.addresses(let one), .addresses(let two)):
            one.contains(two.first) || two.contains(one.first)
        case (.ports(let one), .ports(let two)):
            one.contains(two.first) || two.contains(one.first)
        case (.flow(let owners, let ports), .flow(let otherOwners, let otherPorts)):
            (owners.contains(otherOwners.first) || otherOwners.contains(owners.first))
                && (ports.contains(otherPorts.first) || otherPorts.contains(ports.first))
        case (_, _): self == other
        }
    }
}
