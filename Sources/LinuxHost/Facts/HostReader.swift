import Addressing
import FaultPoints
import Glibc
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
        switch Self.contents(of: resolvConfigPath) {
        case .success(let text): resolvers = ResolverFile.nameservers(in: text)
        case .failure(let problem) where problem.isAbsence:
            // No file is a file without a nameserver, as for the resolver; see resolv.conf(5).
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

    /// All of a regular file, unless it is larger than `limit` bytes.
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
