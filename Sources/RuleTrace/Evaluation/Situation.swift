import Addressing
import RuleIR

/// A packet at a hook, as far as it is known: what the conditions of foreign rules ask about.
struct Situation {
    /// The part of the packet's path.
    enum Part {
        /// The hook that the packet reaches first.
        case first
        /// Prerouting, for a packet that left through loopback.
        case loopback
        case input
        /// Forward; nil if the outgoing interface is unknown.
        case forward(to: InterfaceName?)
        /// Postrouting of a packet that this host forwards; nil if the interface is unknown.
        case forwarded(to: InterfaceName?)
        /// Postrouting of a packet that a process of this host sent.
        case sent(to: InterfaceName?)
    }

    /// The route of a packet after its destination has changed.
    enum Rerouted {
        case through(InterfaceName)
        case unknown
    }

    /// The packet with the changes that rules have made.
    var packet: Packet
    var part = Part.first
    var marks: PacketMarks
    /// Whether a rule has changed the destination.
    var isTranslated = false
    /// Whether the new destination address is unknown.
    var isAddressHidden = false
    /// Whether the new destination port is unknown.
    var isPortHidden = false
    /// Whether a rule redirected an incoming packet to this host.
    var isRedirectedHere = false
    /// The interface to which a translated packet is routed again.
    ///
    /// The chains of output still see the first one (`nf_hook_state`).
    var rerouted: Rerouted?
    let sets: SetIndex
    let addresses: LocalAddresses

    /// Whether the packet is at the hook that it reaches first.
    var isFirst: Bool {
        switch part {
        case .first: true
        case .loopback, .input, .forward, .forwarded, .sent: false
        }
    }

    /// Whether the match holds; nil if that is unknown.
    func holds(_ match: Match) -> Bool? {
        switch match {
        case .destination: return isAddressHidden ? nil : sets.holds(match, for: packet)
        case .destinationPort, .ownedFlow:
            return isPortHidden ? nil : sets.holds(match, for: packet)
        case .outputInterface(let pattern):
            switch part {
            case .forward(let name), .forwarded(let name), .sent(let name):
                return name.map(pattern.matches)
            case .first, .loopback, .input: return sets.holds(match, for: packet)
            }
        case .family, .transport, .source, .sourcePort, .inputInterface, .owner,
            .connectionState:
            return sets.holds(match, for: packet)
        }
    }

    /// Whether the condition is met; nil if that is unknown.
    func meets(_ condition: FilterCondition) -> Bool? {
        // Packets of other protocols have no flags and never match, even a negated match.
        if case .tcpFlags = condition.subject, packet.transport != .tcp { return false }
        return answer(condition.subject).map { $0 != condition.isNegated }
    }

    private func answer(_ subject: FilterCondition.Subject) -> Bool? {
        switch subject {
        case .connection(let words): return isConnection(words.words)
        case .transport(let names): return names.words.contains(packet.transport.rawValue)
        case .inputInterface(let patterns): return oneHolds(patterns) { holds(.inputInterface($0)) }
        case .outputInterface(let patterns):
            return oneHolds(patterns) { holds(.outputInterface($0)) }
        case .source(let prefixes): return prefixes.contains { $0.contains(packet.source) }
        case .destination(let prefixes):
            return isAddressHidden
                ? nil : prefixes.contains { $0.contains(packet.destination) }
        case .sourcePort(let ranges):
            return packet.sourcePort.map { port in ranges.contains { $0.contains(port) } }
        case .destinationPort(let ranges):
            return isPortHidden
                ? nil : ranges.contains { $0.contains(packet.destinationPort) }
        case .sourceType(let kinds):
            let isOwn = packet.direction == .outgoing && packet.source.isUnspecified
            return isOwn
                ? kinds.words.contains("local") : addresses.hasType(packet.source, kinds.words)
        case .destinationType(let kinds):
            if isToThisHost { return kinds.words.contains("local") }
            return isAddressHidden ? nil : addresses.hasType(packet.destination, kinds.words)
        case .tcpFlags(let mask, let set):
            guard packet.connectionState == .new else { return nil }
            return mask.words.intersection(["syn"]) == set.words
        case .direction(let word):
            return packet.connectionState == .new ? word == "original" : nil
        case .mark(let test): return marks.packet.passes(test)
        case .connectionMark(let test): return marks.connection.passes(test)
        case .oneOf(let alternatives): return oneHolds(alternatives, holds)
        case .random: return nil
        case .usual: return true
        }
    }

    private func holds(_ alternative: FilterCondition.Alternative) -> Bool? {
        allHold(alternative.matches.map(holds) + alternative.conditions.map(meets))
    }

    /// Whether the packet is known to be for this host: redirected, or at a hook of such packets.
    private var isToThisHost: Bool {
        switch part {
        case .input, .loopback: true
        case .first, .forward, .forwarded, .sent: isRedirectedHere
        }
    }

    /// Conntrack terms that can't be decided for a packet that isn't the first of its connection.
    private static let undecided: Set<String> = [
        "snat", "related", "assured", "confirmed", "expected", "seen-reply", "dnat",
    ]

    private func isConnection(_ words: Set<String>) -> Bool? {
        if words.contains(packet.connectionState.rawValue) { return true }
        switch packet.connectionState {
        case .new: return isTranslated && words.contains("dnat")
        case .established: return words.isDisjoint(with: Self.undecided) ? false : nil
        case .invalid: return false
        }
    }

    /// Whether all answers are yes; nil if that depends on unknown ones.
    private func allHold(_ answers: [Bool?]) -> Bool? {
        if answers.contains(false) { return false }
        return answers.contains(nil) ? nil : true
    }

    private func oneHolds<Value>(_ values: [Value], _ answer: (Value) -> Bool?) -> Bool? {
        var isUnknown = false
        for value in values {
            switch answer(value) {
            case true?: return true
            case nil: isUnknown = true
            case false?: continue
            }
        }
        return isUnknown ? nil : false
    }
}

extension IPAddress {
    /// Whether the address is `0.0.0.0` or `::`.
    fileprivate var isUnspecified: Bool { bits == 0 }
}
