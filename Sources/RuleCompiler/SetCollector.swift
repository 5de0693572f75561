import Addressing
import RuleIR
import TproxyConfig

/// Collects the sets of a ruleset while it is compiled.
struct SetCollector {
    private(set) var sets: [NamedSet] = []
    /// The index of each set in `sets`, by its name.
    private var places: [String: Int] = [:]

    func has(_ name: String) -> Bool { places[name] != nil }

    /// Returns the elements of the address set `name`; nil if there is none.
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

    /// Adds a set of ports and returns its name; nil for an empty list.
    mutating func ports(_ name: String, _ list: Setting<[Setting<Port>]>, key: String) -> SetName? {
        add(name, list.value) { item, index in
            NamedSet.Member(PortRange(item), itemOf: key, index: index)
        } make: {
            .ports($0)
        }
    }

    /// Adds a set of the list's prefixes of one family; returns nil if the list has none.
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

    /// Adds a set of flows by owner and returns its name; nil for an empty list.
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

    /// Adds a set of the flows by owner to one port; returns nil if no owner's flows are excluded.
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

    /// Adds a set of addresses that don't come from a single list of the configuration.
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
