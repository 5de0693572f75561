import Addressing
import FaultPoints
import Glibc

/// Reads the host facts.
///
/// Reading changes nothing, loads no kernel module and needs no privilege.
package struct HostReader: Sendable {
    /// The facts, and the missing sources that count as empty.
    package struct Reading: Sendable {
        package var facts: HostFacts
        /// One line for each missing source.
        package var doubts: [String]
    }

    package init() {}

    /// Reads all facts; throws if a fact exists and can't be read.
    package func read(
        proxyUser query: ProxyUserQuery, resolvConfigPath: String, isCNIMode: Bool
    ) throws(HostFactsError) -> Reading {
        var doubts: [String] = []
        let proxyUser = try user(query, isCNIMode: isCNIMode)
        let interfaces = try InterfaceTable()
        guard let loopback = interfaces.loopback else { throw .noLoopback }
        let resolvers: [IPAddress]
        switch Self.contents(of: resolvConfigPath) {
        case .success(let text): resolvers = ResolverFile.nameservers(in: text)
        case .failure(let problem) where problem.isAbsence:
            // A missing file counts as one without a nameserver, as the resolver does; see
            // resolv.conf(5).
            resolvers = []
            doubts.append("there is no '\(resolvConfigPath)', so this host has no resolvers")
        case .failure(let problem):
            throw .unreadable(.resolvers(path: resolvConfigPath), reason: problem.reason)
        }
        let docker = try DockerDNS.look()
        return Reading(
            facts: HostFacts(
                proxyUser: proxyUser, loopback: loopback,
                resolvers: resolvers, ipv6: interfaces.ipv6, hasDockerDNSChain: docker == .present,
                addresses: interfaces.ownAddresses),
            doubts: doubts)
    }

    package struct Unreadable: Error {
        package var reason: String
        /// Whether the file doesn't exist.
        package var isAbsence = false
    }

    /// Returns a regular file's content; fails if it is larger than `limit` bytes.
    package static func contents(
        of path: String, upTo limit: Int = 1 << 20
    ) -> Result<String, Unreadable> {
        let descriptor = systemCall(.fileOpen) {
            unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        guard descriptor >= 0 else {
            let code = errno
            return .failure(
                Unreadable(
                    reason: unsafe String(cString: strerror(code)), isAbsence: code == ENOENT))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = systemCall(.fileRead) {
                unsafe Glibc.read(descriptor, &buffer, buffer.count)
            }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                return .failure(Unreadable(reason: unsafe String(cString: strerror(errno))))
            }
            bytes += buffer.prefix(count)
            if bytes.count > limit {
                return .failure(Unreadable(reason: "it is larger than \(limit >> 20) MiB"))
            }
        }
        return .success(String(decoding: bytes, as: UTF8.self))
    }
}
