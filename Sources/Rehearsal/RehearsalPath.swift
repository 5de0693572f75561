package import Addressing
package import RuleTrace

/// A packet to send, with its sender.
package struct RehearsalPath: Hashable, Sendable {
    /// The namespace of the sender.
    package enum Start: Hashable, Sendable {
        /// The host with the rules.
        case host
        /// Another host on the network.
        case peer
        /// A container behind the interface of the virtual network with this index.
        case container(Int)
    }

    /// A name for people, such as `app to another host`.
    package var name: String
    package var start: Start
    package var packet: Packet

    package init(_ name: String, from start: Start, _ packet: Packet) {
        self.name = name
        self.start = start
        self.packet = packet
    }
}

extension RehearsalPath {
    /// Whether a socket of the host sends the packet, or may receive it.
    ///
    /// Others are forwarded, or have no owner; eBPF programs don't see them.
    package func isOfHostSocket(_ setting: RehearsalSetting) -> Bool {
        switch packet.direction {
        case .outgoing: packet.owner != nil
        case .incoming:
            RehearsalNetwork.holder(of: packet.destination, among: setting.networks) == .host
        }
    }
}

/// The place where a packet was received.
package enum Landing: Hashable, Sendable {
    /// The listener of the proxy on this port.
    case proxy(Port)
    /// The original destination.
    case destination
    /// The packet wasn't received; contains the system's message or that of the timeout.
    case nowhere(String)

    /// Returns the expected landing for an outcome.
    package init(_ outcome: Explanation.Outcome) {
        switch outcome {
        case .redirected(let port): self = .proxy(port)
        case .bypassed, .untouched: self = .destination
        // No ruleset of ours translates a packet to another host.
        case .dropped, .translated: self = .nowhere("")
        }
    }

    /// Whether both are the same place, ignoring messages.
    package func isSamePlace(as other: Landing) -> Bool {
        switch (self, other) {
        case (.nowhere, .nowhere): true
        case (_, _): self == other
        }
    }
}

/// The result of one path.
package struct RehearsalResult: Sendable {
    package var path: RehearsalPath
    package var landing: Landing
    /// Whether the answer returned to the sender, with the original destination as its source.
    package var isAnswered: Bool
    /// Whether the proxy could read the original destination (SO_ORIGINAL_DST); nil if it didn't
    /// try.
    package var keepsOriginalDestination: Bool?
    /// The conntrack zone of the connection on the host; nil if the kernel doesn't show it.
    package var conntrackZone: UInt16?

    /// Whether the packet was delivered and answered as expected.
    ///
    /// The proxy must also have been able to read its original destination.
    package func isAsExpected(_ explanation: Explanation) -> Bool {
        let expected = Landing(explanation.outcome)
        if case .nowhere = expected { return landing.isSamePlace(as: expected) }
        return landing == expected && isAnswered && keepsOriginalDestination != false
            && conntrackZone.map { $0 == explanation.conntrackZone } ?? true
    }
}
