import Addressing
import JSON
import RuleIR

// Reads values of libnftables-json(5): an element of a set, or the right side of a match.
extension JSONValue {
    /// The name of a set that is written as `@name`.
    var setName: SetName? {
        guard let text = string, text.hasPrefix("@") else { return nil }
        return SetName(String(text.dropFirst()))
    }

    /// The value of an element, without its comment or counter.
    private var bare: JSONValue { self["elem"]?["val"] ?? self }

    /// A single address, a prefix or a range.
    var addresses: AddressRange? {
        if let text = bare.string { return IPPrefix(text)?.range }
        if let prefix = bare["prefix"],
            let address = prefix["addr"]?.string.flatMap(IPAddress.init),
            let length = prefix["len"]?.number
        {
            return IPPrefix(address, length: length)?.range
        }
        guard let ends = bare.ends?.compactMap({ $0.string.flatMap(IPAddress.init) }),
            ends.count == 2
        else { return nil }
        return AddressRange(ends[0], ends[1])
    }

    var ports: PortRange? {
        if let port = bare.number.flatMap({ Port($0) }) { return PortRange(port) }
        guard let ends = bare.ends?.compactMap({ $0.number.flatMap { Port($0) } }), ends.count == 2
        else { return nil }
        return PortRange(ends[0], ends[1])
    }

    var users: UserIDRange? {
        if let user = bare.number.flatMap({ UserID($0) }) { return UserIDRange(user) }
        guard let ends = bare.ends?.compactMap({ $0.number.flatMap { UserID($0) } }),
            ends.count == 2
        else { return nil }
        return UserIDRange(ends[0], ends[1])
    }

    /// Reads `uid . inet_service` for these protocols; nil for another value.
    func flow(_ transports: [TransportProtocol]) -> OwnedFlow? {
        guard let parts = bare["concat"]?.array, parts.count == 2, let users = parts[0].users,
            let ports = parts[1].ports
        else { return nil }
        return OwnedFlow(protocols: transports, ports: [ports], owners: [users])
    }

    /// The value `uid . inet_proto . inet_service`, which versions up to 0.1 loaded.
    var flowWithProtocol: OwnedFlow? {
        guard let parts = bare["concat"]?.array, parts.count == 3, let users = parts[0].users,
            let transport = parts[1].transport, let ports = parts[2].ports
        else { return nil }
        return OwnedFlow(protocols: [transport], ports: [ports], owners: [users])
    }

    var transport: TransportProtocol? {
        switch (string, number) {
        case ("tcp", _), (_, 6): .tcp
        case ("udp", _), (_, 17): .udp
        case _: nil
        }
    }

    /// An interface: a name, or a prefix such as `docker*`.
    var interface: InterfacePattern? {
        guard let text = string, !text.contains("+") else { return nil }
        return InterfacePattern(text.hasSuffix("*") ? text.dropLast() + "+" : text)
    }

    private var ends: [JSONValue]? { self["range"]?.array }
}

extension [AddressRange] {
    /// The prefixes of all ranges; nil if there are more than any listing has.
    ///
    /// A range may consist of 254 prefixes.
    var prefixes: [IPPrefix]? {
        var prefixes: [IPPrefix] = []
        for range in self {
            prefixes += range.prefixes
            guard prefixes.count <= 1_000_000 else { return nil }
        }
        return prefixes
    }
}

/// Reads a set object of a listing.
enum SetReader {
    static func read(_ set: JSONValue, named name: String) -> ListedSet {
        let types = set["type"]?.array?.compactMap(\.string) ?? [set["type"]?.string ?? ""]
        let elements = set["elem"]?.array ?? []
        if let members = members(types, elements, named: name) {
            return .readable(NamedSet(SetName(name), members))
        }
        return .native(name: name, type: types.joined(separator: " . "))
    }

    private static func members(
        _ types: [String], _ elements: [JSONValue], named name: String
    ) -> NamedSet.Members? {
        switch types {
        case ["ipv4_addr"], ["ipv6_addr"]:
            let read = elements.compactMap(\.addresses)
            guard read.count == elements.count, let prefixes = read.prefixes else { return nil }
            return .addresses(
                types == ["ipv4_addr"] ? .ipv4 : .ipv6,
                prefixes.map { .init($0, source: "loaded") })
        case ["inet_service"]:
            let read = elements.compactMap(\.ports)
            guard read.count == elements.count else { return nil }
            return .ports(read.map { .init($0, source: "loaded") })
        case ["uid", "inet_service"]:
            let transports = TransportProtocol.those(ofSet: name)
            let read = elements.compactMap { $0.flow(transports) }
            guard read.count == elements.count else { return nil }
            return .ownedFlows(read.map { .init($0, source: "loaded") })
        case ["uid", "inet_proto", "inet_service"]:
            let read = elements.compactMap(\.flowWithProtocol)
            guard read.count == elements.count else { return nil }
            return .ownedFlows(read.map { .init($0, source: "loaded") })
        case _: return nil
        }
    }
}
