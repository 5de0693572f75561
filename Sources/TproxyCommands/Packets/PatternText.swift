import Addressing
import RuleTrace

extension PacketText {
    /// Returns the packets that have the written fields; nil if there are problems.
    mutating func pattern() -> PacketPattern? {
        let written = block(.to)
        let source = block(.from).map { (prefix: $0.prefix.unmapped, port: $0.port) }
        let target = written.map { block in
            (prefix: destination(block.prefix, from: source?.prefix), port: block.port)
        }
        if let written, let target { note("\(written.prefix)", is: "\(target.prefix)") }
        if let source, let target, source.prefix.family != target.prefix.family {
            reject(.from, "an \(target.prefix.family.displayName) address, as the destination is")
        }
        var pattern = PacketPattern()
        pattern.destination = target?.prefix
        pattern.destinationPort = port(
            of: target.map { Endpoint($0.prefix.address, $0.port) })
        pattern.direction = direction
        pattern.transport = transport
        pattern.source = source?.prefix
        pattern.sourcePort = source?.port
        pattern.interface = interface
        if has(.uid) {
            pattern.owner =
                owner(pattern.direction ?? .outgoing).map { user in
                    user.map { .user($0) } ?? .noSocket
                }
            // Only packets of a process of this host can have an owner or lack one.
            pattern.direction = .outgoing
        }
        return problems.isEmpty ? pattern : nil
    }

    /// Returns the destination block, with a single address that no packet has replaced.
    private mutating func destination(_ block: IPPrefix, from source: IPPrefix?) -> IPPrefix {
        let block = block.unmapped
        guard block.isSingle, block.address == .unspecified(block.family) else { return block }
        if let source, source.family == .ipv4, !source.isSingle {
            reject(.to, "another address: 0.0.0.0 means the source, and that is a prefix")
        }
        return IPPrefix(WireAddress(from: source?.address, to: block.address).destination)
    }

    /// Reads an address with or without a port, or a prefix.
    private mutating func block(_ field: Field) -> (prefix: IPPrefix, port: Port?)? {
        read(field, expected: "ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT or ADDRESS/LENGTH") { text in
            if text.contains("/") { return IPPrefix(text).map { ($0, nil) } }
            return Endpoint(text).map { (IPPrefix($0.address), $0.port) }
        }
    }

    /// The written fields as text, such as `tcp to port 8080`; `any packet` if there are none.
    var words: String {
        let parts: [(Field, String)] = [
            (.direction, ""), (.proto, ""), (.from, "from "), (.to, "to "), (.port, "to port "),
            (.interface, "on interface "), (.uid, "of UID "),
        ]
        let said = parts.compactMap { field, before in values[field].map { before + $0 } }
        return said.isEmpty ? "any packet" : said.joined(separator: " ")
    }
}
