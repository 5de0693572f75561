import Addressing
import Preflight

// Findings about listeners, traffic and the host.
extension FindingMessages {
    static func noListener(_ ports: [ProxyPort]) -> Self {
        Self(
            seen: "nothing listens on \(listed(ports))",
            consequence: "redirected connections are refused until the proxy listens",
            remedy: "start the proxy")
    }

    static func listenerFamily(_ port: ProxyPort, _ family: AddressFamily) -> Self {
        let remedy =
            switch family {
            case .ipv4: "let the proxy listen on \(wildcard(port, family)), too"
            case .ipv6:
                "let the proxy listen on \(wildcard(port, family)), or set ipFamilyMode to 'ipv4'"
            }
        return Self(
            seen: "nothing listens on \(words(port)) for \(family.displayName)",
            consequence: "redirected \(family.displayName) connections are refused", remedy: remedy)
    }

    static func listenerAddress(
        _ port: ProxyPort, _ bound: [IPAddress], _ needed: IPAddress
    ) -> Self {
        let places = bound.map(\.description).joined(separator: ", ")
        return Self(
            seen:
                "the listener of \(words(port)) is bound to \(places), and packets go to \(needed)",
            consequence: "redirected connections are refused",
            remedy: "let the proxy listen on all addresses, \(wildcard(port, needed.family))")
    }

    static func listenerOwner(
        _ ports: [ProxyPort], _ owner: UserID, _ proxyUser: UserID
    ) -> Self {
        let naming = owner == .root ? "" : ", or set kumaDPUser to \(owner)"
        return Self(
            seen:
                "UID \(owner) listens on \(listed(ports)), and the proxy's UID is \(proxyUser)",
            consequence: "the traffic of this UID is redirected back to it in a loop",
            remedy: "run the proxy as UID \(proxyUser)\(naming)")
    }

    static func sshRedirected(_ port: Port) -> Self {
        Self(
            seen: "new logins on port \(port) are redirected",
            consequence: "they fail unless the proxy forwards them",
            remedy: "add \(port) to redirect.inbound.excludePorts")
    }

    static func containersRedirected(
        _ bridge: InterfaceName, _ network: IPPrefix, _ port: Port
    ) -> Self {
        Self(
            seen:
                "packets of containers behind \(bridge) are redirected as incoming, to port \(port)",
            consequence: "their connections to other hosts end at the proxy's inbound listener",
            remedy: "add \(bridge):\(network) to redirect.vnet.networks"
                + " and \(network) to redirect.inbound.excludePortsForIPs")
    }

    static func resolverLoop(_ resolver: IPAddress, _ owner: UserID) -> Self {
        Self(
            seen: "the resolver \(resolver) runs as UID \(owner), whose queries are redirected",
            consequence:
                "the proxy asks the resolver, which asks the proxy: names of other hosts don't resolve",
            remedy: "add 'udp:53:\(owner)' to redirect.outbound.excludePortsForUIDs")
    }

    static func openConnections(_ count: Int, _ sessions: Int) -> Self {
        let ssh = sessions == 0 ? "" : ", \(sessions) of SSH among them,"
        return Self(
            seen: count == 1
                ? "1 open connection\(ssh) would be redirected if it started now"
                : "\(count) open connections\(ssh) would be redirected if they started now",
            consequence:
                "'apply' keeps them: they bypass the proxy until they end or conntrack is flushed",
            remedy: "to redirect them, restart the programs that hold them")
    }

    static func connectionsBreak(_ count: Int) -> Self {
        Self(
            seen: count == 1
                ? "1 open connection can't get a conntrack entry"
                : "\(count) open connections can't get a conntrack entry",
            consequence: "their next packet is redirected, which resets them",
            remedy: "load the module nf_conntrack_netlink first")
    }

    static func sessionsBreak(_ port: Port, _ count: Int) -> Self {
        Self(
            seen: "\(count) open \(count == 1 ? "session" : "sessions") on port \(port)"
                + " can't get a conntrack entry",
            consequence: "their next packet is redirected, which resets the sessions",
            remedy: "load the module nf_conntrack_netlink first, or run it from a console")
    }

    static func forwardedConnections(_ interface: InterfaceName) -> Self {
        Self(
            seen: "conntrack is not in use, and this host forwards for \(interface)",
            consequence:
                "open connections of containers behind \(interface) are redirected, which resets them",
            remedy: "start the containers after the rules are loaded, or restart them")
    }

    static func openDNSFlows(_ count: Int) -> Self {
        Self(
            seen:
                "conntrack has \(count) DNS \(count == 1 ? "entry" : "entries") without a redirect",
            consequence: "queries from the same ports bypass the proxy until the entries expire",
            remedy: "run 'conntrack -D -p udp --dport 53' after the rules are loaded")
    }

    static func ipv6NotCovered(_ interface: InterfaceName, _ address: IPAddress) -> Self {
        Self(
            seen: "IPv6 isn't redirected, and \(interface) has the address \(address)",
            consequence: "IPv6 connections bypass the proxy",
            remedy: "set ipFamilyMode to 'dualstack'")
    }

    static func loopbackIPv6Off(_ interface: InterfaceName) -> Self {
        Self(
            seen: "IPv6 is off on \(interface)",
            consequence: "nothing can be redirected to ::1, and ::6 can't be added",
            remedy: "run 'sysctl -w net.ipv6.conf.\(interface).disable_ipv6=0',"
                + " or set ipFamilyMode to 'ipv4'")
    }

    static var rootProxyUser: Self {
        Self(
            seen: "the proxy's user is root",
            consequence: "all traffic of root bypasses the proxy",
            remedy: "run the proxy as a dedicated user, and set kumaDPUser to it")
    }

    static func sharedProxyUser(_ process: PreflightSurvey.Process, _ user: UserID) -> Self {
        Self(
            seen: "'\(process.name)' (process \(process.id)) runs as the proxy's UID \(user)",
            consequence: "its traffic bypasses the proxy",
            remedy: "run it as another user")
    }

    /// Returns `port 15006 (inbound), 15001 (outbound)`.
    private static func listed(_ ports: [ProxyPort]) -> String {
        "port " + ports.map { "\($0.port) (\($0.role.rawValue))" }.joined(separator: ", ")
    }

    /// Returns `port 15001` or `UDP port 15053`.
    private static func words(_ port: ProxyPort) -> String {
        switch port.transport {
        case .tcp: "port \(port.port)"
        case .udp: "UDP port \(port.port)"
        }
    }

    private static func wildcard(_ port: ProxyPort, _ family: AddressFamily) -> String {
        switch family {
        case .ipv4: "0.0.0.0:\(port.port)"
        case .ipv6: "[::]:\(port.port)"
        }
    }
}
