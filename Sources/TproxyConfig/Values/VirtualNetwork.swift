package import Addressing

/// Containers behind an interface of this host: `docker0:172.17.0.0/16`, `br+:fd00::/64`.
package struct VirtualNetwork: Hashable, Sendable, CustomStringConvertible {
    /// Where their packets arrive.
    package var interface: InterfacePattern
    /// Their own network; what goes there isn't outgoing.
    package var network: IPPrefix

    package init(interface: InterfacePattern, network: IPPrefix) {
        self.interface = interface
        self.network = network
    }

    package var description: String { "\(interface):\(network)" }
}
