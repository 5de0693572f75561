package import Addressing
package import RuleTrace

/// One packet to send, and where it starts.
package struct RehearsalPath: Hashable, Sendable {
    /// The namespace of the sender.
    package enum Start: Hashable, Sendable {
        /// The host that the rules are on.
        case host
        /// Another host on the network.
        case peer
        /// A container behind the interface of the virtual network with this index.
        case container(Int)
    }

    /// What a person would call it, such as `app to another host`.
    package var name: String
    package var start: Start
    package var packet: Packet

    package init(_ name: String, from start: Start, _ packet: Packet) {
        self.name = name
        self.start = start
        self.packet = packet
    }
}

/// Where a packet came out.
package enum Landing: Hashable, Sendable {
    /// The listener of the proxy on this port.
    case proxy(Port)
    /// Where it was going.
    case destination
    /// Nobody got it; the words of the system, or that the time was up.
    case nowhere(String)
}

/// What happened on a path.
package struct RehearsalResult: Sendable {
    package var path: RehearsalPath
    package var landing: Landing
    /// Whether the answer came back to the sender, as if from where it had sent to.
    package var isAnswered: Bool
    /// Whether the proxy could still learn where the connection was going (SO_ORIGINAL_DST);
    /// nil where that isn't asked.
    package var keepsOriginalDestination: Bool?
}
