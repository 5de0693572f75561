import Addressing
import Preflight
import RuleIR
import RuleTrace

// Findings about firewalls, and about containers in a virtual network.
extension FindingMessages {
    static func firewallDrops(_ obstacle: FirewallObstacle) -> Self {
        Self(
            seen: "\(place(obstacle.place)) drops traffic redirected to \(targets(obstacle))",
            consequence: "redirected traffic doesn't reach the proxy",
            remedy: "run '\(obstacle.remedies.joined(separator: "; "))',"
                + " and add it to the firewall's permanent configuration")
    }

    static func firewallUnclear(_ obstacle: FirewallObstacle) -> Self {
        Self(
            seen: "\(place(obstacle.place)) decides whether traffic redirected to"
                + " \(targets(obstacle)) passes",
            consequence: "redirected traffic may not reach the proxy",
            remedy: "if it doesn't, run '\(obstacle.remedies.joined(separator: "; "))'")
    }

    static func virtualNetworkInbound(
        _ ports: [Port], _ networks: [IPPrefix], _ inbound: Port
    ) -> Self {
        let published =
            ports.isEmpty
            ? "published ports"
            : "published port \(ports.map(\.description).joined(separator: ", "))"
        let excluded =
            ports.isEmpty
            ? "the published ports" : ports.map(\.description).joined(separator: ", ")
        let blocks = networks.map(\.description).joined(separator: ", ")
        return Self(
            seen:
                "redirect.vnet redirects connections to \(published) and between containers"
                + " as incoming connections",
            consequence: "they end at the proxy's inbound listener, port \(inbound)",
            remedy: "add \(excluded) to redirect.inbound.excludePorts"
                + " and \(blocks) to redirect.inbound.excludePortsForIPs")
    }

    /// Returns `rule 3 of chain input of table inet fw, 'tcp dport 99 drop',`.
    private static func place(_ place: FilterTrace.Place) -> String {
        let table = FilterTable(
            tool: place.tool, family: place.family, name: place.table, chains: [])
        guard let rule = place.rule else {
            return "the policy of chain \(place.chain) of \(table)"
        }
        return "rule \(rule) of chain \(place.chain) of \(table), '\(place.text)',"
    }

    private static func targets(_ obstacle: FirewallObstacle) -> String {
        let words = obstacle.targets.map { target in
            "\(target.port.port)/\(target.transport.rawValue) (\(target.port.role.rawValue))"
        }
        return "port \(words.joined(separator: ", "))"
    }
}
