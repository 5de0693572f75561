import Addressing
import RuleIR
import RuleTrace

// With virtual networks, the redirect of incoming connections precedes foreign rules, and so those
// that translate published ports to containers.
extension Preflight {
    var virtualNetworks: [Finding] {
        guard let inbound = plan.inboundPort, !plan.virtualNetworks.isEmpty else { return [] }
        let ports = survey.publications.filter { port in
            plan.ruleset.families.contains { isCapturedInbound(from: Self.somebody($0), to: port) }
        }
        let networks = plan.virtualNetworks.filter { isCapturedWithin($0, inbound) }
            .map(\.network)
        guard !ports.isEmpty || !networks.isEmpty else { return [] }
        return [
            .virtualNetworkInbound(
                ports: ports,
                networks: networks.isEmpty ? plan.virtualNetworks.map(\.network) : networks,
                inbound: inbound)
        ]
    }

    /// Whether a connection between two containers is redirected to the inbound listener.
    private func isCapturedWithin(_ network: PreflightPlan.Network, _ inbound: Port) -> Bool {
        let family = network.network.family
        let range = network.network.range
        guard plan.ruleset.families.contains(family),
            let interface = survey.addresses.map(\.interface).first(
                where: network.interface.matches) ?? InterfaceName(network.interface.stem)
        else { return false }
        return [Port.web, .secureWeb, .service, .syslog].contains { port in
            let packet = Packet(
                direction: .incoming, transport: .tcp, owner: nil, source: range.last,
                destination: range.first, destinationPort: port, interface: interface)
            return trace.explain(packet).outcome == .redirected(to: inbound)
        }
    }
}
