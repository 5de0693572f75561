import Addressing
import RuleTrace

extension PacketText {
    /// The packets that are as far as they are written; nil if there are problems.
    mutating func pattern() -> PacketPattern? {
        let target = block(.to)
        let source = block(.from)
        if let source, let target, source.prefix.family != target.prefix.family {
            reject(.from, "an \(target.prefix.family.displayName) address, as the destination is")
        }
        let port = port(of: target.map { Endpoint($0.prefix.address, $0.port) })
        var pattern = PacketPattern(
            direction: direction, transport: transport, source: source?.prefix,
            sourcePort: source?.port, destination: target?.prefix, destinationPort: port,
            interface: interface)
        if has(.uid) {
            pattern.owner =
                owner(pattern.direction ?? .outgoing).map { user in
                    user.map { .user($0) } ?? .nobody
                }
            // Only what a process of this host sends may have an owner or lack one.
            pattern.direction = .outgoing
        }
        return problems.isEmpty ? pattern : nil
    }

    /// An address with or without a port, or a prefix.
    private mutating func block(_ field: Field) -> (prefix: IPPrefix, port: Port?)? {
        read(field, expected: "ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT or ADDRESS/LENGTH") { text in
            if text.contains("/") { return IPPrefix(text).map { ($0, nil) } }
            return Endpoint(text).map { (IPPrefix($0.address), $0.port) }
        }
    }

    /// What was written, in words: `tcp to port 8080`; `any packet` for nothing.
    var words: String {
        let parts: [(Field, String)] = [
            (.direction, ""), (.proto, ""), (.from, "from "), (.to, "to "), (.port, "to port "),
            (.interface, "on interface "), (.uid, "of user "),
        ]
        let said = parts.compactMap { field, before in values[field].map { before + $0 } }
        return said.isEmpty ? "any packet" : said.joined(separator: " ")
    }
}
