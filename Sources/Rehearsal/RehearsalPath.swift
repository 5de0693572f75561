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
