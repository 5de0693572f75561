package import Addressing
import Glibc

/// How the configuration names the proxy's user.
package enum ProxyUserQuery: Hashable, Sendable {
    /// Nobody was named: UID 5678 if there is such an account, else the account `kuma-dp`.
    case byDefault
    case id(UserID)
    case name(String)
}

extension HostReader {
    /// The numeric user; a number needs no account, an unknown name is an error.
    package func user(_ query: ProxyUserQuery, isCNIMode: Bool) throws(HostFactsError) -> UserID {
        switch query {
        case .id(let id): return id
        case .name(let name):
            guard !isCNIMode else { throw .nameInCNIMode(name) }
            guard let id = try Self.account(named: name) else { throw .unknownUser(name) }
            return id
        case .byDefault:
            // A pod's accounts aren't the host's; Kuma's sidecar has this UID there.
            if isCNIMode || Self.hasAccount(.kumaDefault) { return .kumaDefault }
            guard let id = try Self.account(named: "kuma-dp") else { throw .noDefaultUser }
            return id
        }
    }

    private static func account(named name: String) throws(HostFactsError) -> UserID? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var size = 4096
        while true {
            var buffer = [CChar](repeating: 0, count: size)
            let status = unsafe getpwnam_r(name, &entry, &buffer, size, &found)
            if status == ERANGE, size < 1 << 20 {
                size *= 2
                continue
            }
            // These mean "no such name" on one system or another; see getpwnam(3).
            if [0, ENOENT, ESRCH, EBADF, EPERM].contains(status) {
                return unsafe found == nil ? nil : unsafe UserID(entry.pw_uid)
            }
            throw .lookupFailed(user: name, reason: unsafe String(cString: strerror(status)))
        }
    }

    private static func hasAccount(_ user: UserID) -> Bool {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 1 << 16)
        let status = unsafe getpwuid_r(user.number, &entry, &buffer, buffer.count, &found)
        return unsafe status == 0 && found != nil
    }
}
