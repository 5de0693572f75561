import Diagnostics
import LinuxHost
import TproxyConfig

extension HostFactsError {
    /// Returns the diagnostic, located at the key that requires the fact.
    func diagnostic(for config: TproxyConfig) -> Diagnostic {
        let location = config.kumaDPUser.origin.location
        return switch self {
        case .unknownUser(let name):
            .error(
                id: "unknown-user", "user '\(name)' doesn't exist on this host", at: location,
                help: "create the account, or give its number: a number needs no account")
        case .noDefaultUser:
            .error(
                id: "no-proxy-user",
                "no proxy user is set, and this host has neither UID 5678 nor user 'kuma-dp'",
                at: location,
                help: "give --kuma-dp-user with the name or UID that the proxy runs as, such as"
                    + " '--kuma-dp-user 5678', or set the key kumaDPUser")
        case .nameInCNIMode(let name):
            .error(
                id: "user-name-in-cni-mode",
                "user '\(name)' can't be looked up in CNI mode: the accounts are the pod's",
                at: location, help: "give the number")
        case .lookupFailed(let user, let reason):
            .error(
                id: "user-lookup-failed", "can't look up user '\(user)': \(reason)", at: location,
                help: "give the number: a number needs no account")
        case .unreadable(let fact, let reason):
            fact.unreadable(because: reason, config.redirect.dns.resolvConfigPath.origin.location)
        case .noLoopback:
            .error(
                id: "no-loopback", "no interface of this host has the loopback flag",
                help: "give the facts in a file that names it, with --facts")
        }
    }
}

extension HostFact {
    fileprivate func unreadable(
        because reason: String, _ path: SourceLocation?
    ) -> Diagnostic {
        switch self {
        case .interfaces:
            .error(
                id: "unreadable-fact", "can't read the interfaces of this host: \(reason)",
                notes: ["tproxy needs the addresses of this host and whether it has IPv6"],
                help: "allow netlink sockets (AF_NETLINK), or give the facts with --facts")
        case .resolvers(let file):
            .error(
                id: "unreadable-fact", "can't read the resolvers from '\(file)': \(reason)",
                at: path,
                help: "make the file readable, name another with redirect.dns.resolvConfigPath,"
                    + " or give the facts with --facts")
        case .sockets(let file):
            .error(
                id: "unreadable-fact",
                "can't detect Docker's DNS: can't read '\(file)': \(reason)",
                help: "mount /proc, or give the facts with --facts")
        }
    }
}
