package import Addressing

/// A list of values that a rule looks up as a whole.
///
/// A user's list is one set, whatever its length. The elements keep the user's order and their
/// place in the configuration. They may overlap; each backend merges them if it must.
package struct NamedSet: Hashable, Sendable {
    package var name: SetName
    package var members: Members

    package init(_ name: SetName, _ members: Members) {
        self.name = name
        self.members = members
    }

    /// One value of a set, and the place where the user wrote it.
    package struct Member<Value: Hashable & Sendable>: Hashable, Sendable {
        package var value: Value
        /// The configuration path of the list, or of another source of the value.
        private var key: String
        /// The index in the list, from 0; negative if the value isn't from a list.
        private var index: Int32

        package init(_ value: Value, source: String) {
            self.value = value
            key = source
            index = -1
        }

        /// Creates the item with this index, from 0, of the list at `key`.
        package init(_ value: Value, itemOf key: String, index: Int) {
            self.value = value
            self.key = key
            self.index = Int32(clamping: index)
        }

        /// The configuration path of the item, such as `redirect.outbound.excludePorts[3]`.
        ///
        /// Computed on demand, because a list may have 100,000 items.
        package var source: String { index < 0 ? key : "\(key)[\(index)]" }

        package static func == (left: Self, right: Self) -> Bool {
            left.value == right.value && left.source == right.source
        }

        package func hash(into hasher: inout Hasher) {
            hasher.combine(value)
            hasher.combine(source)
        }
    }

    /// The elements of a set, by their type.
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

    /// Returns the first `limit` elements in the form that the configuration uses.
    package func memberTexts(first limit: Int) -> [String] {
        switch members {
        case .addresses(_, let members): members.prefix(limit).map { "\($0.value)" }
        case .ports(let members): members.prefix(limit).map { "\($0.value)" }
        case .ownedFlows(let members): members.prefix(limit).map { "\($0.value)" }
        }
    }
}

extension NamedSet.Member where Value == IPPrefix {
    /// Equals `init(_:itemOf:index:)`, for long lists.
    ///
    /// The calling module needs no generic type for it.
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

    /// The form that the configuration uses: `tcp:80,443:1000-1999`.
    package var description: String {
        [
            protocols.map(\.rawValue).joined(separator: ","),
            ports.map(\.description).joined(separator: ","),
            owners.map(\.description).joined(separator: ","),
        ].joined(separator: ":")
    }
}
