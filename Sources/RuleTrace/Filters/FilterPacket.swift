import Addressing
package import RuleIR

/// A packet as a filter chain sees it, behind the redirection.
package struct FilterPacket: Hashable, Sendable {
    package var packet: Packet
    package var hook: LoadedChain.Hook
    /// The lowest priority of a chain that sees the packet as it is here.
    package var minimumPriority: Int
    /// Whether its destination was changed.
    package var isRedirected: Bool
    /// Whether it answers who opened the connection.
    package var isReply: Bool

    package init(
        _ packet: Packet, on hook: LoadedChain.Hook, minimumPriority: Int = .min,
        isRedirected: Bool = true, isReply: Bool = false
    ) {
        self.packet = packet
        self.hook = hook
        self.minimumPriority = minimumPriority
        self.isRedirected = isRedirected
        self.isReply = isReply
    }

    /// What conntrack says of it, in the words of nft.
    private var connection: Set<String> {
        Set(isReply ? ["established", "seen-reply"] : ["new"]).union(isRedirected ? ["dnat"] : [])
    }

    /// Words of conntrack that say nothing certain of a packet.
    private static let undecided: Set<String> = [
        "snat", "related", "assured", "confirmed", "expected",
    ]

    /// Whether the packet meets the condition; nil where nobody can say.
    func meets(_ condition: FilterCondition) -> Bool? {
        // Another protocol has no flags, not even those that are negated.
        if case .tcpFlags = condition.subject, packet.transport != .tcp { return false }
        return answer(condition.subject).map { $0 != condition.isNegated }
    }

    private func answer(_ subject: FilterCondition.Subject) -> Bool? {
        switch subject {
        case .connection(let words):
            if !words.words.isDisjoint(with: connection) { return true }
            // Of a packet that opens a connection all is known but who its helper is.
            return isReply && !words.words.isDisjoint(with: Self.undecided) ? nil : false
        case .transport(let names): return names.words.contains(packet.transport.rawValue)
        case .inputInterface(let patterns):
            return packet.direction == .incoming
                && patterns.contains { $0.matches(packet.interface) }
        case .outputInterface(let patterns):
            return packet.direction == .outgoing
                && patterns.contains { $0.matches(packet.interface) }
        case .source(let prefixes): return prefixes.contains { $0.contains(packet.source) }
        case .destination(let prefixes):
            return prefixes.contains { $0.contains(packet.destination) }
        case .sourcePort(let ranges):
            return packet.sourcePort.map { port in ranges.contains { $0.contains(port) } }
        case .destinationPort(let ranges):
            return ranges.contains { $0.contains(packet.destinationPort) }
        case .sourceType(let kinds):
            return kinds.words.contains(isFromHere ? "local" : "unicast")
        case .destinationType(let kinds):
            return kinds.words.contains(isToHere ? "local" : "unicast")
        case .tcpFlags(let mask, let set):
            return mask.words.intersection(isReply ? ["syn", "ack"] : ["syn"]) == set.words
        case .direction(let word): return word == (isReply ? "reply" : "original")
        case .usual: return true
        }
    }

    /// Whether the source is an address of this host.
    private var isFromHere: Bool { packet.direction == .outgoing || packet.interface == .loopback }

    private var isToHere: Bool {
        packet.destination.isLoopback
            || (packet.direction == .incoming && hook != .postrouting)
    }
}
