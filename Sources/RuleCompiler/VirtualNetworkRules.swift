import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// Redirects packets from containers behind a bridge: outgoing traffic that this host forwards.
///
/// Unlike Kuma's rules, these honour `redirect.outbound.enabled`, `redirect.dns.enabled` and the
/// outbound port and address lists.
struct VirtualNetworkRules {
    /// The families that have virtual networks.
    let families: Set<AddressFamily>
    private(set) var rules: [Rule] = []

    private static let key = "redirect.vnet.networks"

    init(_ context: CompilationContext, sets: inout SetCollector) {
        let networks = context.config.redirect.vnet.networks.value
        families = Set(networks.map(\.value.network.family))
        let byInterface = Dictionary(
            grouping: networks.map(\.value).enumerated(), by: \.element.interface)
        for (index, interface) in byInterface.keys.sorted().enumerated() {
            for family in context.families {
                let members = (byInterface[interface] ?? []).compactMap { position, network in
                    network.network.family == family
                        ? NamedSet.Member(network.network, itemOf: Self.key, index: position) : nil
                }
                guard !members.isEmpty else { continue }
                add(interface, at: index, members, of: family, context, sets: &sets)
            }
        }
    }

    private mutating func add(
        _ interface: InterfacePattern, at index: Int, _ members: [NamedSet.Member<IPPrefix>],
        of family: AddressFamily, _ context: CompilationContext, sets: inout SetCollector
    ) {
        let arrives = Match.inputInterface(interface)
        if context.dns.enabled.value {
            rules.append(
                Rule(
                    [
                        .family(family), arrives, .transport(.udp), .destinationPort(.port(.dns)),
                    ], then: .redirect(context.dns.port.value),
                    because: Rationale("DNS from a virtual network", key: Self.key)))
        }
        guard context.outbound.enabled.value else { return }
        // One network is a plain negation, which iptables supports; several need a set.
        let leaves: Match
        if let only = members.first, members.count == 1 {
            leaves = .destination(.notOf(only.value))
        } else if let name = sets.addresses("vnet_\(index)", members, of: family) {
            leaves = .destination(.notInSet(name, family))
        } else {
            return
        }
        addExclusions(
            leaves, arrives, from: members.map(\.value), of: family, in: sets, context)
        var matches: [Match] = [leaves, arrives, .transport(.tcp)]
        if sets.has("outbound_included_ports") {
            matches.append(.destinationPort(.set(SetName("outbound_included_ports"))))
        }
        rules.append(
            Rule(
                matches, then: .redirect(context.outbound.port.value),
                because: Rationale("TCP from a virtual network", key: Self.key)))
    }

    private mutating func addExclusions(
        _ leaves: Match, _ arrives: Match, from networks: [IPPrefix], of family: AddressFamily,
        in sets: SetCollector, _ context: CompilationContext
    ) {
        let name = SetName("outbound_excluded_\(family.rawValue)")
        if let excluded = sets.addresses(named: name) {
            // Destinations outside the networks need no match for that; overlapping ones do.
            let isOutside = !AddressRange.haveCommon(
                excluded.map(\.range), networks.map(\.range))
            rules.append(
                Rule(
                    (isOutside ? [] : [leaves]) + [.destination(.inSet(name, family)), arrives],
                    then: .return,
                    because: Rationale(
                        "excluded destination", key: "redirect.outbound.excludePortsForIPs")))
        }
        let ports = SetName("outbound_excluded_ports")
        if sets.has(ports.text) {
            rules.append(
                Rule(
                    [leaves, arrives, .transport(.tcp), .destinationPort(.set(ports))],
                    then: .return,
                    because: Rationale("excluded port", key: "redirect.outbound.excludePorts")))
        }
    }
}
