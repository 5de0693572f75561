package import Addressing
import FaultPoints
import Glibc

/// A query for the proxy's user, in the forms that a configuration allows.
package enum ProxyUserQuery: Hashable, Sendable {
    /// No user is named: UID 5678 if it has an account, else the account `kuma-dp`.
    case byDefault
    case id(UserID)
    case name(String)
}

extension HostReader {
    /// Returns the UID; a number needs no account, an unknown name is an error.
    package func user(_ query: ProxyUserQuery, isCNIMode: Bool) throws(HostFactsError) -> UserID {
        switch query {
        case .id(let id): return id
        case .name(let name):
            guard !isCNIMode else { throw .nameInCNIMode(name) }
            guard let id = try Self.account(named: name) else { throw .unknownUser(name) }
            return id
        case .byDefault:
            // A pod's accounts aren't the host's; Kuma's sidecar has this UID in the pod.
            if isCNIMode { return .kumaDefault }
            if try Self.hasAccount(.kumaDefault) { return .kumaDefault }
            guard let id = try Self.account(named: "kuma-dp") else { throw .noDefaultUser }
            return id
        }
    }

    private static func account(named name: String) throws(HostFactsError) -> UserID? {
        unsafe try account(name) { entry, buffer, size, found in
            unsafe getpwnam_r(name, entry, buffer, size, found)
        }
    }

    private static func hasAccount(_ user: UserID) throws(HostFactsError) -> Bool {
        let found = unsafe try account("\(user)") { entry, buffer, size, found in
            unsafe getpwuid_r(user.number, entry, buffer, size, found)
        }
        return found != nil
    }

    /// Returns the UID of an account; nil only if the account database reports that there is none.
    private static func account(
        _ user: String,
        _ look: (
            UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
            UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
        ) -> Int32
    ) throws(HostFactsError) -> UserID? {
        var entry = unsafe passwd()
        var found: UnsafeMutablePointer<passwd>?
        var size = 4096
        while true {
            var buffer = [CChar](repeating: 0, count: size)
            let status = systemCall(.accountLookup, failing: { $0 }) {
                unsafe look(&entry, &buffer, size, &found)
            }
            if status == EINTR { continue }
            if status == ERANGE, size < 1 << 20 {
                size *= 2
                continue
            }
            // There is no entry or no database.
            if [0, ENOENT, ESRCH].contains(status) {
                return unsafe found == nil ? nil : unsafe UserID(entry.pw_uid)
            }
            throw .lookupFailed(user: user, reason: unsafe String(cString: strerror(status)))
        }
    }
}
