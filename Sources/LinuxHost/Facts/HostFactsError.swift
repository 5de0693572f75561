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
