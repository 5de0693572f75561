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
    /// A fact is there and can't be read, so nothing follows from it.
    case unreadable(HostFact, reason: String)
    /// The interface table has no loopback interface.
    case noLoopback
}

/// What is read of the host, apart from accounts.
package enum HostFact: Hashable, Sendable {
    /// The interfaces and their addresses, from getifaddrs(3).
    case interfaces
    case resolvers(path: String)
    /// The UDP sockets, of which Docker's resolver has one.
    case sockets(path: String)
}
