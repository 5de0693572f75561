import Addressing
package import RuleIR

/// A packet as a filter chain sees it, after the redirect.
package struct FilterPacket: Hashable, Sendable {
    package var packet: Packet
    package var hook: LoadedChain.Hook
    /// The lowest priority of a chain that sees the packet in this form.
    package var minimumPriority: Int
    /// Whether the destination was changed.
    package var isRedirected: Bool
    /// Whether the packet is a reply to the sender that opened the connection.
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

    /// The conntrack states and status of the packet, in nft's terms.
    private var connection: Set<String> {
        Set(isReply ? ["established", "seen-reply"] : ["new"]).union(isRedirected ? ["dnat"] : [])
    }

    /// Conntrack terms that can't be decided for a reply.
    private static let undecided: Set<String> = [
        "snat", "related", "assured", "confirmed", "expected",
    ]

    /// Whether the packet meets the condition; nil if that is unknown.
    func meets(_ condition: FilterCondition) -> Bool? {
        // Packets of other protocols have no flags and never match, even a negated match.
        if case .tcpFlags = condition.subject, packet.transport != .tcp { return false }
        return answer(condition.subject).map { $0 != condition.isNegated }
    }

    private func answer(_ subject: FilterCondition.Subject) -> Bool? {
        switch subject {
        case .connection(let words):
            if !words.words.isDisjoint(with: connection) { return true }
            // For a packet that opens a connection everything is known except its helper.
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
        case .oneOf(let alternatives): return isOne(of: alternatives)
        // Marks may have been set by tables that aren't read.
        case .mark, .connectionMark, .random: return nil
        case .usual: return true
        }
    }

    private func isOne(of alternatives: [FilterCondition.Alternative]) -> Bool? {
        let sets = SetIndex([])
        var isUnknown = false
        for alternative in alternatives {
            var answers = alternative.conditions.map(meets)
            answers += alternative.matches.map { match in
                match.namesSet ? nil : sets.holds(match, for: packet)
            }
            if answers.contains(false) { continue }
            guard answers.contains(nil) else { return true }
            isUnknown = true
        }
        return isUnknown ? nil : false
    }

    /// Whether the source is an address of this host.
    private var isFromHere: Bool { packet.direction == .outgoing || packet.interface == .loopback }

    private var isToHere: Bool {
        packet.destination.isLoopback
            || (packet.direction == .incoming && hook != .postrouting)
    }
}

extension Match {
    /// Whether the match looks up a named set.
    fileprivate var namesSet: Bool {
        switch self {
        case .source(let test), .destination(let test):
            if case .set = test.addresses { true } else { false }
        case .sourcePort(.set), .destinationPort(.set), .ownedFlow: true
        case .sourcePort(.port), .destinationPort(.port), .family, .transport, .inputInterface,
            .outputInterface, .owner, .connectionState:
            false
        }
    }
}
