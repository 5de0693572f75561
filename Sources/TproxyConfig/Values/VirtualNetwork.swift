package import Addressing

/// A network of containers behind an interface of this host, such as `docker0:172.17.0.0/16` or
/// `br+:fd00::/64`.
package struct VirtualNetwork: Hashable, Sendable, CustomStringConvertible {
    /// The interface on which packets of the containers arrive.
    package var interface: InterfacePattern
    /// The network of the containers; packets to it aren't outgoing.
    package var network: IPPrefix

    package init(interface: InterfacePattern, network: IPPrefix) {
        self.interface = interface
        self.network = network
    }

    package var description: String { "\(interface):\(network)" }
}
