import Addressing
package import HostFacts

/// The one reader of the host.
///
/// Reading changes nothing, loads no kernel module and needs no privilege.
package struct HostReader: Sendable {
    /// The facts, and what isn't there and is taken for empty.
    package struct Reading: Sendable {
        package var facts: HostFacts
        /// One line for each.
        package var doubts: [String]
    }

    package init() {}

    /// Reads all facts; what is there and can't be read is an error, and never taken for absent.
    package func read(
        proxyUser query: ProxyUserQuery, resolvConfigPath: String, isCNIMode: Bool
    ) throws(HostFactsError) -> Reading {
        var doubts: [String] = []
        let proxyUser = try user(query, isCNIMode: isCNIMode)
        let interfaces = try InterfaceTable()
        guard let loopback = interfaces.loopback else { throw .noLoopback }
        let resolvers: [IPAddress]
        do throws(ReadFailure) {
            let text = try KernelFile.contents(of: resolvConfigPath, upTo: 1 << 20)
            resolvers = ResolverFile.nameservers(in: text)
        } catch {
            guard error.isAbsence else {
                throw .unreadable(.resolvers(path: resolvConfigPath), reason: error.reason)
            }
            // No file is a file without a nameserver, as for the resolver; see resolv.conf(5).
            resolvers = []
            doubts.append("there is no '\(resolvConfigPath)', so this host has no resolvers")
        }
        let docker = try DockerDNS.look()
        return Reading(
            facts: HostFacts(
                proxyUser: proxyUser, loopback: loopback,
                resolvers: resolvers, ipv6: interfaces.ipv6, hasDockerDNSChain: docker == .present,
                addresses: interfaces.ownAddresses),
            doubts: doubts)
    }
}
