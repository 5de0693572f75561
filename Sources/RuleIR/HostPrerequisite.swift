package import Addressing

/// A requirement of a ruleset on the host besides rules.
///
/// It is made with the rules, stays while rules that need it replace each other, and is undone with
/// the last of them. Cases are in the order in which prerequisites are made. A new kind is a new
/// case: the compiler then reports each place that must handle it.
package enum HostPrerequisite: Hashable, Comparable, Sendable {
    /// An address that must be on the loopback interface.
    case address(LoopbackAddress)

    /// The kind, by the word that begins its record.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case address
    }

    package var kind: Kind {
        switch self {
        case .address: .address
        }
    }
}

extension HostPrerequisite: CustomStringConvertible {
    package var description: String {
        switch self {
        case .address(let address): address.description
        }
    }
}

extension HostPrerequisite {
    /// The line of the record that the kernel keeps beside the rules, such as `address ::6@lo`.
    package var record: String {
        let value =
            switch self {
            case .address(let address): address.token
            }
        return "\(kind.rawValue) \(value)"
    }

    fileprivate init?(_ kind: Kind, _ value: String) {
        switch kind {
        case .address:
            guard let address = LoopbackAddress(token: value) else { return nil }
            self = .address(address)
        }
    }
}

extension [HostPrerequisite] {
    /// Every version writes a line for the address, even if the rules need none.
    private static var noAddress: String { "\(HostPrerequisite.Kind.address.rawValue) none" }

    /// The lines of the record that the kernel keeps beside the rules.
    package var records: [String] {
        (contains { $0.kind == .address } ? [] : [Self.noAddress]) + map(\.record)
    }

    /// Reads the prerequisites from `lines`, in any order; nil if a line is malformed.
    package init?(records lines: [String]) {
        var found: Set<HostPrerequisite> = []
        for line in lines where line != Self.noAddress {
            let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
            guard parts.count == 2, let kind = HostPrerequisite.Kind(rawValue: parts[0]) else {
                continue
            }
            guard let prerequisite = HostPrerequisite(kind, parts[1]) else { return nil }
            found.insert(prerequisite)
        }
        self = found.sorted()
    }
}

extension Sequence<HostPrerequisite> {
    package var loopbackAddresses: [LoopbackAddress] {
        map { prerequisite in
            switch prerequisite {
            case .address(let address): address
            }
        }
    }
}

/// An address that the proxy sends from and that must be local: `::6/128`.
///
/// 127.0.0.6 needs nothing, because all of 127.0.0.0/8 is local; IPv6 has one loopback address.
package struct LoopbackAddress: Hashable, Sendable {
    package var prefix: IPPrefix
    package var interface: InterfaceName

    package init(prefix: IPPrefix, interface: InterfaceName) {
        self.prefix = prefix
        self.interface = interface
    }
}

extension LoopbackAddress {
    /// The form in a record: `::6@lo`.
    package var token: String { "\(prefix.address)@\(interface)" }

    /// Reads a `token`; nil if it is malformed.
    package init?(token: String) {
        let parts = token.split(separator: "@", maxSplits: 1).map(String.init)
        guard parts.count == 2, let prefix = IPPrefix(parts[0]),
            let interface = InterfaceName(parts[1])
        else { return nil }
        self.init(prefix: prefix, interface: interface)
    }
}

extension LoopbackAddress: Comparable {
    package static func < (left: LoopbackAddress, right: LoopbackAddress) -> Bool {
        left.token < right.token
    }
}

extension LoopbackAddress: CustomStringConvertible {
    /// The form that ip-address(8) uses: `::6/128 on lo`.
    package var description: String { "\(prefix.address)/\(prefix.length) on \(interface)" }
}
