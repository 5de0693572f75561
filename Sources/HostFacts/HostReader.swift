import Addressing
import FaultPoints
import Glibc

/// The one reader of the host.
///
/// Reading changes nothing, loads no kernel module and needs no privilege.
package struct HostReader: Sendable {
    /// The facts, and what could not be read and was assumed instead.
    package struct Reading: Sendable {
        package var facts: HostFacts
        /// One line for each.
        package var doubts: [String]
    }

    package init() {}

    package func read(
        proxyUser query: ProxyUserQuery, resolvConfigPath: String, isCNIMode: Bool
    ) throws(HostFactsError) -> Reading {
        var doubts: [String] = []
        let proxyUser = try user(query, isCNIMode: isCNIMode)
        let interfaces = InterfaceTable()
        if interfaces.loopback == nil {
            doubts.append("no interface has the loopback flag; taking 'lo'")
        }
        let resolvers: [IPAddress]
        switch Self.contents(of: resolvConfigPath) {
        case .success(let text): resolvers = ResolverFile.nameservers(in: text)
        case .failure(let problem):
            resolvers = []
            doubts.append("can't read '\(resolvConfigPath)': \(problem.reason)")
        }
        let docker = DockerDNS.look()
        if case .unknown(let why) = docker {
            doubts.append("can't tell whether Docker's DNS chain exists: \(why)")
        }
        return Reading(
            facts: HostFacts(
                proxyUser: proxyUser, loopback: interfaces.loopback ?? .loopback,
                resolvers: resolvers, ipv6: interfaces.ipv6, hasDockerDNSChain: docker == .present,
                addresses: interfaces.ownAddresses),
            doubts: doubts)
    }

    package struct Unreadable: Error {
        package var reason: String
    }

    /// At most 1 MiB of a regular file.
    package static func contents(of path: String) -> Result<String, Unreadable> {
        let descriptor = systemCall(.fileOpen) {
            unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        guard descriptor >= 0 else {
            return .failure(Unreadable(reason: unsafe String(cString: strerror(errno))))
        }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < 1 << 20 {
            let count = systemCall(.fileRead) {
                unsafe Glibc.read(descriptor, &buffer, buffer.count)
            }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                return .failure(Unreadable(reason: unsafe String(cString: strerror(errno))))
            }
            bytes += buffer.prefix(count)
        }
        return .success(String(decoding: bytes, as: UTF8.self))
    }
}
