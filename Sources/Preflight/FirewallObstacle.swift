package import Addressing
import RuleIR
package import RuleTrace

/// A place in foreign filter chains that doesn't accept redirected packets.
package struct FirewallObstacle: Hashable, Sendable {
    /// The program with which an administrator changes the chain.
    package enum Manager: Hashable, Sendable {
        /// The program that owns the table.
        case table
        case ufw
        case firewalldZone
        case firewalldPolicy(String)
    }

    package struct Target: Hashable, Sendable {
        package var port: ProxyPort
        package var transport: TransportProtocol

        package init(_ port: ProxyPort, _ transport: TransportProtocol) {
            self.port = port
            self.transport = transport
        }
    }

    package var place: FilterTrace.Place
    package var manager: Manager
    /// The listeners that packets don't reach.
    package var targets: [Target]

    package init(_ place: FilterTrace.Place, by manager: Manager, targets: [Target]) {
        self.place = place
        self.manager = manager
        self.targets = targets
    }

    /// The properties shared by obstacles that one firewall rule resolves.
    var remedied: Remedied {
        switch manager {
        case .table:
            Remedied(manager: manager, hook: place.hook, place: place)
        // These programs change both families at once.
        case .ufw, .firewalldZone, .firewalldPolicy:
            Remedied(manager: manager, hook: place.hook, place: nil)
        }
    }

    struct Remedied: Hashable {
        var manager: Manager
        var hook: LoadedChain.Hook
        var place: FilterTrace.Place?
    }

    /// Commands that make the firewall accept the redirected packets.
    package var remedies: [String] { targets.map(line) }

    private func line(_ target: Target) -> String {
        let (port, transport) = (target.port.port, target.transport.rawValue)
        switch manager {
        case .ufw:
            let direction = place.hook == .output ? "out " : ""
            return "ufw allow \(direction)\(port)/\(transport)"
        case .firewalldZone: return "firewall-cmd --add-port=\(port)/\(transport)"
        case .firewalldPolicy(let name):
            return "firewall-cmd --policy=\(name) --add-port=\(port)/\(transport)"
        case .table:
            let program = place.family == .ip6 ? "ip6tables" : "iptables"
            switch place.tool {
            case .nft:
                return "nft insert rule \(place.family.rawValue) \(place.table) \(place.base)"
                    + " \(transport) dport \(port) ct status dnat accept"
            case .iptablesNft, .iptablesLegacy:
                let flavour = place.tool == .iptablesNft ? "nft" : "legacy"
                let table = place.table == "filter" ? "" : " -t \(place.table)"
                return "\(program)-\(flavour)\(table) -I \(place.base) -p \(transport)"
                    + " --dport \(port) -m conntrack --ctstate DNAT -j ACCEPT"
            }
        }
    }
}
