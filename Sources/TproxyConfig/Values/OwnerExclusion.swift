package import Addressing

/// An exclusion of some owners' packets to some ports: `[protocol:][ports:]uids`.
package struct OwnerExclusion: Hashable, Sendable, CustomStringConvertible {
    /// The protocols, in the order tcp, udp; never empty.
    package var protocols: [TransportProtocol]
    package var ports: [PortRange]
    package var users: [UserIDRange]

    package var description: String {
        [
            protocols.map(\.rawValue).joined(separator: ","),
            ports == [.all] ? "*" : ports.map(\.description).joined(separator: ","),
            users.map(\.description).joined(separator: ","),
        ].joined(separator: ":")
    }
}

extension OwnerExclusion {
    /// Parses `uids`, `ports:uids` or `protocol:ports:uids`.
    ///
    /// protocol is a list of `tcp` and `udp`; empty or `*` means both. ports is a list of ports and
    /// ranges such as `80-90`; empty or `*` means 1-65535. uids is a list of UIDs and ranges; it
    /// must not be empty.
    static func parse(_ text: Piece) -> Result<OwnerExclusion, ValueProblem> {
        let fields = text.split(on: ":")
        guard (1...3).contains(fields.count), let last = fields.last else {
            return .failure(.ownerExclusionFormat(text))
        }
        let ports = fields.count > 1 ? fields[fields.count - 2] : nil
        let protocols = fields.count > 2 ? fields[0] : nil
        do {
            return .success(
                OwnerExclusion(
                    protocols: try protocols.map(Self.protocols) ?? TransportProtocol.allCases,
                    ports: try ports.map(Self.ports) ?? [.all], users: try Self.users(last)))
        } catch {
            return .failure(error)
        }
    }

    private static func protocols(
        _ field: Piece
    ) throws(ValueProblem) -> [TransportProtocol] {
        guard !field.text.isEmpty, field.text != "*" else { return TransportProtocol.allCases }
        var named: Set<TransportProtocol> = []
        for piece in field.split(on: ",") {
            guard let transport = TransportProtocol(rawValue: piece.text.lowercased()) else {
                throw .unsupportedProtocol(piece)
            }
            named.insert(transport)
        }
        return TransportProtocol.allCases.filter(named.contains)
    }

    private static func ports(_ field: Piece) throws(ValueProblem) -> [PortRange] {
        guard !field.text.isEmpty, field.text != "*" else { return [.all] }
        var ranges: [PortRange] = []
        for piece in field.split(on: ",") {
            let ends = piece.split(on: "-")
            guard (1...2).contains(ends.count) else { throw .portRangeFormat(piece) }
            var ports: [Port] = []
            for end in ends {
                guard let port = Port(end.text) else { throw .port(end) }
                ports.append(port)
            }
            guard let range = PortRange(ports[0], ports[ports.count - 1]) else {
                throw .reversedRange(piece)
            }
            ranges.append(range)
        }
        return ranges
    }

    private static func users(_ field: Piece) throws(ValueProblem) -> [UserIDRange] {
        guard !field.text.isEmpty else { throw .emptyItem(field) }
        var ranges: [UserIDRange] = []
        for piece in field.split(on: ",") {
            guard piece.text != "*" else { throw .userWildcard(piece) }
            let ends = piece.split(on: "-")
            guard (1...2).contains(ends.count) else { throw .userRangeFormat(piece) }
            var users: [UserID] = []
            for end in ends {
                guard let user = UserID(end.text) else { throw .user(end) }
                users.append(user)
            }
            guard let range = UserIDRange(users[0], users[users.count - 1]) else {
                throw .reversedRange(piece)
            }
            ranges.append(range)
        }
        return ranges
    }
}
