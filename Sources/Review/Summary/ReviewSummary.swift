package import Addressing
package import RuleIR
import RuleTrace

/// A ruleset in a few sentences: what it redirects to which port, and what bypasses the proxy.
///
/// Computed from the rules and their keys, so that the sentences are about the rules that are
/// loaded, wherever they come from.
package struct ReviewSummary: Hashable, Sendable {
    /// Packets of one kind, and the port of the proxy that they are redirected to.
    package struct Redirection: Hashable, Sendable {
        package var port: Port
        /// What the redirect is limited to; empty for no limit.
        package var only: [Selection] = []
        /// What bypasses the proxy.
        package var exceptions: [Selection] = []
    }

    /// Packets from the containers behind one interface.
    package struct VirtualNetwork: Hashable, Sendable {
        package var interface: InterfacePattern
        /// The port for TCP; nil if it isn't redirected.
        package var tcp: Port?
        /// The port for DNS; nil if it isn't redirected.
        package var dns: Port?
    }

    /// What happens to a new connection to this host's SSH server, by family.
    package struct SSH: Hashable, Sendable {
        package var family: AddressFamily
        /// The port that it is redirected to; nil if it isn't.
        package var redirectedTo: Port?
    }

    package var families: [AddressFamily]
    /// Connections of this host's processes; nil if they aren't redirected.
    package var outgoing: Redirection?
    /// Connections to this host; nil if they aren't redirected.
    package var incoming: Redirection?
    /// DNS queries of this host's processes over UDP; nil if they aren't redirected.
    package var dns: Redirection?
    package var virtualNetworks: [VirtualNetwork]
    package var ssh: [SSH]
    package var dropsInvalid: Bool

    package init(_ ruleset: Ruleset) {
        let rules = KeyedRules(ruleset)
        families = ruleset.families
        outgoing = rules.outgoing
        incoming = rules.incoming
        dns = rules.dns
        virtualNetworks = rules.virtualNetworks
        let trace = RuleTrace(ruleset)
        let excluded = rules.excludedSources
        ssh = ruleset.families.map { family in
            SSH(
                family: family,
                redirectedTo: trace.redirectionOfSSH(over: family, avoiding: excluded))
        }
        dropsInvalid = ruleset.locatedRules.contains { $0.rule.action == .drop }
    }
}

extension RuleTrace {
    /// Returns the port that a connection to this host's SSH server is redirected to.
    ///
    /// The client is of none of the excluded networks, if they leave one of some examples.
    fileprivate func redirectionOfSSH(
        over family: AddressFamily, avoiding excluded: [IPPrefix]
    ) -> Port? {
        let clients = SSHExample.clients(family)
        guard let host = SSHExample.host(family),
            let client = clients.first(where: { client in
                !excluded.contains { $0.contains(client) }
            }) ?? clients.first
        else { return nil }
        let packet = Packet(
            direction: .incoming, transport: .tcp, owner: nil, source: client, destination: host,
            destinationPort: .ssh, interface: .ethernet)
        guard case .redirected(let port) = explain(packet).outcome else { return nil }
        return port
    }
}

/// Addresses for documentation (RFC 5737, RFC 3849), and public ones if all of these are excluded.
private enum SSHExample {
    static func host(_ family: AddressFamily) -> IPAddress? {
        IPAddress(family == .ipv4 ? "192.0.2.1" : "2001:db8::1")
    }

    static func clients(_ family: AddressFamily) -> [IPAddress] {
        let texts =
            family == .ipv4
            ? ["198.51.100.7", "203.0.113.7", "100.64.0.7", "9.9.9.9"]
            : ["2001:db8:1::7", "2001:db8:ffff::7", "2620:fe::9"]
        return texts.compactMap { IPAddress($0) }
    }
}
