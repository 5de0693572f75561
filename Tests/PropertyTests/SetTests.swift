import Addressing
import RuleIR
import Testing
import TproxyTestSupport

@testable import NftablesBackend

/// No set overlaps itself, which the kernel refuses, and each holds what its list holds.
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

    @Test func everySetHoldsItsList() {
        GeneratedPlans.each(1000) { plan, _ in
            for set in plan.ruleset.sets {
                let sets = SetLowering([set]).sets
                for probe in set.probes {
                    let isMember = set.contains(probe)
                    guard sets.contains(where: { $0.contains(probe) }) == isMember else {
                        throw Broken("\(set.name): \(probe), which the list has: \(isMember)")
                    }
                }
            }
        }
    }
}

/// A value that a set is asked about.
private enum SetProbe {
    case address(IPAddress)
    case port(Port)
    case flow(UserID, TransportProtocol, Port)
}

extension NamedSet {
    /// The ends of every member, and what is beside them.
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

    /// Whether a member of the list holds it.
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
