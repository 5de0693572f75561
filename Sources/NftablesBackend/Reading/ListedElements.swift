import Addressing
import RuleIR

extension NftElement {
    /// Creates the element with this key range; nil if it isn't a value of the set's types.
    init?(_ range: ElementRange, of set: NftSet) {
        let types = set.types
        switch types {
        case [.ipv4Address], [.ipv6Address]:
            let family: AddressFamily = types == [.ipv4Address] ? .ipv4 : .ipv6
            guard
                let addresses = AddressRange(
                    IPAddress(family: family, bits: range.first),
                    IPAddress(family: family, bits: range.last))
            else { return nil }
            self = .addresses(addresses)
        case [.port]:
            guard let first = Port(range.first), let last = Port(range.last),
                let ports = PortRange(first, last)
            else { return nil }
            self = .ports(ports)
        case [.owner, .port]:
            guard let first = Self.flow(range.first, set.isInterval),
                let last = Self.flow(range.last, set.isInterval),
                let owners = UserIDRange(first.owner, last.owner),
                let ports = PortRange(first.port, last.port)
            else { return nil }
            self = .flow(owners, ports)
        case _: return nil
        }
    }

    /// Returns the fields of `uid . inet_service`, each at a multiple of 4 bytes.
    private static func flow(
        _ key: UInt128, _ inIntervals: Bool
    ) -> (owner: UserID, port: Port)? {
        let number = UInt32(truncatingIfNeeded: key >> 32)
        guard let owner = UserID(inIntervals ? number : number.byteSwapped),
            let port = Port(key >> 16 & 0xFFFF)
        else { return nil }
        return (owner, port)
    }
}

extension NamedSet {
    /// Creates the set that reading a listing of `set` would give; nil for the identity.
    init?(_ set: NftSet) {
        let members: Members
        switch set.types {
        case [.ipv4Address], [.ipv6Address]:
            var prefixes: [Member<IPPrefix>] = []
            prefixes.reserveCapacity(set.elements.count)
            for case .addresses(let range) in set.elements {
                if let prefix = range.prefix {
                    prefixes.append(.init(prefix, source: "loaded"))
                } else {
                    prefixes += range.prefixes.map { .init($0, source: "loaded") }
                }
            }
            members = .addresses(set.types == [.ipv4Address] ? .ipv4 : .ipv6, prefixes)
        case [.port]:
            members = .ports(
                set.elements.compactMap { element in
                    guard case .ports(let range) = element else { return nil }
                    return .init(range, source: "loaded")
                })
        case [.owner, .port]:
            let transports = TransportProtocol.those(ofSet: set.name)
            members = .ownedFlows(
                set.elements.compactMap { element in
                    guard case .flow(let owners, let ports) = element else { return nil }
                    return .init(
                        OwnedFlow(protocols: transports, ports: [ports], owners: [owners]),
                        source: "loaded")
                })
        case _: return nil
        }
        self.init(SetName(set.name), members)
    }
}

extension ListedRules {
    /// Creates the rules that reading a listing of `table` would give.
    init(_ table: NftTable) {
        var empty = table
        for index in empty.sets.indices { empty.sets[index].elements = [] }
        var tables = ListingReader(empty.objects).tables
        let sets = Dictionary(table.sets.map { ($0.name, $0) }) { first, _ in first }
        for index in tables.indices {
            tables[index].sets = tables[index].sets.map { found in
                sets[found.name].flatMap { NamedSet($0) }.map { .readable($0) } ?? found
            }
        }
        self.init(tables)
    }
}
