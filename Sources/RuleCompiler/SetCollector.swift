import Addressing
import RuleIR
import TproxyConfig

/// The sets of a ruleset while it is being made.
struct SetCollector {
    private(set) var sets: [NamedSet] = []
    /// Where each is, by its name.
    private var places: [String: Int] = [:]

    func has(_ name: String) -> Bool { places[name] != nil }

    /// The members of a set of addresses, if there is one of this name.
    func addresses(named name: SetName) -> [IPPrefix]? {
        guard let place = places[name.text], case .addresses(_, let members) = sets[place].members
        else { return nil }
        return members.map(\.value)
    }

    private mutating func append(_ name: String, _ members: NamedSet.Members) -> SetName {
        let name = SetName(name)
        places[name.text] = sets.count
        sets.append(NamedSet(name, members))
        return name
    }

    /// A set of ports, or nil for an empty list.
    mutating func ports(_ name: String, _ list: Setting<[Setting<Port>]>, key: String) -> SetName? {
        add(name, list.value) { item, index in
            NamedSet.Member(PortRange(item), itemOf: key, index: index)
        } make: {
            .ports($0)
        }
    }

    /// A set of the prefixes of one family, or nil when the list has none of it.
    mutating func addresses(
        _ name: String, _ list: Setting<[Setting<IPPrefix>]>, of family: AddressFamily, key: String
    ) -> SetName? {
        add("\(name)_\(family.rawValue)", list.value) { item, index in
            item.family == family
                ? NamedSet.Member(prefix: item, itemOf: key, index: index) : nil
        } make: {
            .addresses(family, $0)
        }
    }

    /// A set of flows by owner, or nil for an empty list.
    mutating func ownedFlows(
        _ name: String, _ list: Setting<[Setting<OwnerExclusion>]>, key: String
    ) -> SetName? {
        add(name, list.value) { item, index in
            NamedSet.Member(
                OwnedFlow(protocols: item.protocols, ports: item.ports, owners: item.users),
                itemOf: key, index: index)
        } make: {
            .ownedFlows($0)
        }
    }

    /// A set of the flows by owner to one port, or nil when the list excludes it for no owner.
    mutating func ownedFlows(
        _ name: String, _ list: Setting<[Setting<OwnerExclusion>]>, to port: Port, key: String
    ) -> SetName? {
        add(name, list.value) { item, index in
            guard item.ports.contains(where: { $0.contains(port) }) else { return nil }
            return NamedSet.Member(
                OwnedFlow(protocols: item.protocols, ports: [PortRange(port)], owners: item.users),
                itemOf: key, index: index)
        } make: {
            .ownedFlows($0)
        }
    }

    /// A set of addresses that don't come from one list of the configuration.
    mutating func addresses(
        _ name: String, _ members: [NamedSet.Member<IPPrefix>], of family: AddressFamily
    ) -> SetName? {
        guard !members.isEmpty else { return nil }
        return append("\(name)_\(family.rawValue)", .addresses(family, members))
    }

    private mutating func add<Item, Value>(
        _ name: String, _ items: [Setting<Item>],
        member: (_ item: Item, _ index: Int) -> NamedSet.Member<Value>?,
        make: ([NamedSet.Member<Value>]) -> NamedSet.Members
    ) -> SetName? {
        var members: [NamedSet.Member<Value>] = []
        members.reserveCapacity(items.count)
        for (index, item) in items.enumerated() {
            if let member = member(item.value, index) { members.append(member) }
        }
        guard !members.isEmpty else { return nil }
        return append(name, make(members))
    }
}
