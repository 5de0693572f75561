package import Addressing

/// A list of values that a rule asks about as a whole.
///
/// A user's list is one set, whatever its length. The members keep the user's order and their
/// place in the configuration; overlaps are allowed here, and each backend merges what it must.
package struct NamedSet: Hashable, Sendable {
    package var name: SetName
    package var members: Members

    package init(_ name: SetName, _ members: Members) {
        self.name = name
        self.members = members
    }

    /// One value of a set and where the user wrote it.
    package struct Member<Value: Hashable & Sendable>: Hashable, Sendable {
        package var value: Value
        /// The configuration path of the list, or of what else the value is from.
        private var key: String
        /// Which item of the list; negative where it is none.
        private var index: Int32

        package init(_ value: Value, source: String) {
            self.value = value
            key = source
            index = -1
        }

        /// The item with this index, from 0 on, of the list at `key`.
        package init(_ value: Value, itemOf key: String, index: Int) {
            self.value = value
            self.key = key
            self.index = Int32(clamping: index)
        }

        /// The configuration path of the item, such as `redirect.outbound.excludePorts[3]`.
        ///
        /// Made when it is asked for: a list has 100,000 of them.
        package var source: String { index < 0 ? key : "\(key)[\(index)]" }

        package static func == (left: Self, right: Self) -> Bool {
            left.value == right.value && left.source == right.source
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(value)
            hasher.combine(source)
        }
    }

    /// What a set holds.
    package enum Members: Hashable, Sendable {
        /// Prefixes of one family.
        case addresses(AddressFamily, [Member<IPPrefix>])
        case ports([Member<PortRange>])
        case ownedFlows([Member<OwnedFlow>])
    }

    package var count: Int {
        switch members {
        case .addresses(_, let members): members.count
        case .ports(let members): members.count
        case .ownedFlows(let members): members.count
        }
    }

    /// The first `limit` members, as the configuration would have them.
    package func memberTexts(first limit: Int) -> [String] {
        switch members {
        case .addresses(_, let members): members.prefix(limit).map { "\($0.value)" }
        case .ports(let members): members.prefix(limit).map { "\($0.value)" }
        case .ownedFlows(let members): members.prefix(limit).map { "\($0.value)" }
        }
    }
}

extension NamedSet.Member where Value == IPPrefix {
    /// The same as `init(_:itemOf:index:)`, for long lists: another module makes no generic type for it.
    package init(prefix: IPPrefix, itemOf key: String, index: Int) {
        self.init(prefix, itemOf: key, index: index)
    }
}

/// Packets of some owners to some ports: one item of `excludePortsForUIDs`.
package struct OwnedFlow: Hashable, Sendable, Codable, CustomStringConvertible {
    package var protocols: [TransportProtocol]
    package var ports: [PortRange]
    package var owners: [UserIDRange]

    package init(protocols: [TransportProtocol], ports: [PortRange], owners: [UserIDRange]) {
        self.protocols = protocols
        self.ports = ports
        self.owners = owners
    }

    package func contains(_ transport: TransportProtocol, port: Port, owner: UserID) -> Bool {
        protocols.contains(transport) && ports.contains { $0.contains(port) }
            && owners.contains { $0.contains(owner) }
    }

    /// The form the configuration has: `tcp:80,443:1000-1999`.
    package var description: String {
        [
            protocols.map(\.rawValue).joined(separator: ","),
            ports.map(\.description).joined(separator: ","),
            owners.map(\.description).joined(separator: ","),
        ].joined(separator: ":")
    }
}
