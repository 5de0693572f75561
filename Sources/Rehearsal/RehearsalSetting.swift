package import Addressing

/// The properties of a configuration, beside the rules, that a rehearsal uses.
package struct RehearsalSetting: Sendable {
    /// A network of containers behind an interface of the host.
    package struct Network: Hashable, Sendable {
        package var interface: InterfaceName
        package var prefix: IPPrefix

        package init(interface: InterfaceName, prefix: IPPrefix) {
            self.interface = interface
            self.prefix = prefix
        }

        /// The host's address in the network, the second of the block.
        package var hostAddress: IPAddress { prefix.address.advanced(by: 1) }
        /// The container's address, the third of the block.
        package var containerAddress: IPAddress { prefix.address.advanced(by: 2) }
    }

    package var proxyUser: UserID
    package var outboundPort: Port
    package var inboundPort: Port
    package var dnsPort: Port
    package var resolvers: [IPAddress]
    package var networks: [Network]

    package init(
        proxyUser: UserID, outboundPort: Port, inboundPort: Port, dnsPort: Port,
        resolvers: [IPAddress], networks: [Network]
    ) {
        self.proxyUser = proxyUser
        self.outboundPort = outboundPort
        self.inboundPort = inboundPort
        self.dnsPort = dnsPort
        self.resolvers = resolvers
        self.networks = networks
    }
}

extension IPAddress {
    /// Returns the address `count` numbers higher.
    package func advanced(by count: UInt128) -> IPAddress {
        IPAddress(family: family, bits: bits &+ count)
    }
}
