/// Why the host can't be read.
package enum HostFactsError: Error, Hashable, Sendable {
    /// No account of this name.
    case unknownUser(String)
    /// No user was named, and the host has neither UID 5678 nor an account `kuma-dp`.
    case noDefaultUser
    /// A user name can't be looked up in CNI mode, where the host's accounts aren't the pod's.
    case nameInCNIMode(String)
    /// The account database failed; `reason` is the system's word.
    case lookupFailed(user: String, reason: String)
}
