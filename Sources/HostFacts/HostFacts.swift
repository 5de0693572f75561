package import Addressing

/// The facts of a host that the compiler needs.
///
/// The facts are a plain value: equal facts and configuration give equal rules on any machine.
/// `tproxy facts` prints their JSON form, and `--facts FILE` reads it.
package struct HostFacts: Hashable, Sendable, Codable {
    /// Whether the host has IPv6 traffic to redirect.
    package struct IPv6: Hashable, Sendable, Codable {
        package var isUsable: Bool
        /// The observation behind `isUsable`, as text.
        package var reason: String

        package init(isUsable: Bool, reason: String) {
            self.isUsable = isUsable
            self.reason = reason
        }
    }

    /// An address of this host and its interface.
    package struct OwnAddress: Hashable, Sendable, Codable {
        package var interface: InterfaceName
        package var address: IPAddress
        /// The length of the interface's prefix; nil in files of older versions.
        package var prefixLength: Int?

        package init(interface: InterfaceName, address: IPAddress, prefixLength: Int? = nil) {
            self.interface = interface
            self.address = address
            self.prefixLength = prefixLength
        }
    }

    /// The UID of the proxy; its own traffic is never redirected to it.
    package var proxyUser: UserID
    /// The first interface with the loopback flag, `lo` on every Linux.
    package var loopback: InterfaceName
    /// The `nameserver` addresses of resolv.conf(5), in order, without duplicates.
    package var resolvers: [IPAddress]
    package var ipv6: IPv6
    /// Whether this network namespace has Docker's chain `DOCKER_OUTPUT`.
    package var hasDockerDNSChain: Bool

    /// The host's own addresses, for `explain`: a packet to one of them takes loopback.
    ///
    /// Nil if they weren't read, as in files of older versions. The rules don't depend on them.
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

    /// Returns the resolvers of one family, in the order of the file.
    package func resolvers(of family: AddressFamily) -> [IPAddress] {
        resolvers.filter { $0.family == family }
    }
}
