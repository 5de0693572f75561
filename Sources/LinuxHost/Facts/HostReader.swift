import Addressing
package import HostFacts

/// Reads the facts of this host.
///
/// Reading changes nothing, loads no kernel module and needs no privilege.
package struct HostReader: Sendable {
    /// The facts, and notes on sources that are missing and count as empty.
    package struct Reading: Sendable {
        package var facts: HostFacts
        /// One line for each missing source.
        package var doubts: [String]
    }

    package init() {}

    /// Reads all facts; throws for a source that exists but can't be read.
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
            // A missing file counts as one without a nameserver, as in resolv.conf(5).
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

/// An error in reading the host facts.
package enum HostFactsError: Error, Hashable, Sendable {
    /// No account has this name.
    case unknownUser(String)
    /// No user was given, and the host has neither UID 5678 nor an account `kuma-dp`.
    case noDefaultUser
    /// A user name can't be resolved in CNI mode, where the host's accounts aren't the pod's.
    case nameInCNIMode(String)
    /// The account database failed; `reason` is the system's message.
    case lookupFailed(user: String, reason: String)
    /// A fact exists but can't be read, so it doesn't count as absent.
    case unreadable(HostFact, reason: String)
    /// The interface table has no loopback interface.
    case noLoopback
}

/// A fact of the host other than accounts.
package enum HostFact: Hashable, Sendable {
    /// The interfaces and their addresses, from getifaddrs(3).
    case interfaces
    case resolvers(path: String)
    /// The UDP sockets, one of which may be Docker's resolver.
    case sockets(path: String)
}
