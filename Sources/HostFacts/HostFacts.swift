package import Addressing

/// What the rules need to know of the host they are for.
///
/// A plain value: the same facts and configuration give the same rules on any machine. Its JSON
/// form is what `tproxy facts` prints and `--facts FILE` reads.
package struct HostFacts: Hashable, Sendable, Codable {
    /// Whether the host has IPv6 to capture.
    package struct IPv6: Hashable, Sendable, Codable {
        package var isUsable: Bool
        /// What that was concluded from, in words.
        package var reason: String

        package init(isUsable: Bool, reason: String) {
            self.isUsable = isUsable
            self.reason = reason
        }
    }

    /// An address and the interface that has it.
    package struct OwnAddress: Hashable, Sendable, Codable {
        package var interface: InterfaceName
        package var address: IPAddress

        package init(interface: InterfaceName, address: IPAddress) {
            self.interface = interface
            self.address = address
        }
    }

    /// The user that the proxy runs as; its own traffic is never sent back to it.
    package var proxyUser: UserID
    /// The first interface with the loopback flag, `lo` on every Linux.
    package var loopback: InterfaceName
    /// The `nameserver` addresses of resolv.conf(5), in order, without repeats.
    package var resolvers: [IPAddress]
    package var ipv6: IPv6
    /// Whether Docker's chain `DOCKER_OUTPUT` is in this network namespace.
    package var hasDockerDNSChain: Bool

    /// The host's own addresses, for `explain`: a packet to one of them goes over loopback.
    ///
    /// Nil when nobody looked, as in files of older versions. The rules don't depend on them.
    package var addresses: [OwnAddress]?

    package init(
        proxyUser: UserID = .kumaDefault, loopback: InterfaceName = .loopback,
        resolvers: [IPAddress] = [],
        ipv6: IPv6 = IPv6(isUsable: true, reason: "assumed"), hasDockerDNSChain: Bool = false,
        addresses: [OwnAddress]? = nil
    ) {
        self.proxyUser = proxyUser
        self.loopback = loopback
        self.resolvers = resolvers
        self.ipv6 = ipv6
        self.hasDockerDNSChain = hasDockerDNSChain
        self.addresses = addresses
    }

    /// The resolvers of one family, in the order of the file.
    package func resolvers(of family: AddressFamily) -> [IPAddress] {
        resolvers.filter { $0.family == family }
    }
}
