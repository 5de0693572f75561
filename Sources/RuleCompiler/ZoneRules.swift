import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The rules that split DNS into two conntrack zones.
///
/// An application's query and the proxy's own may use the same port and server. In one zone,
/// conntrack would take the second query for the first, and it would be sent back to the proxy.
/// Zone 2 holds the applications' queries and the proxy's answers to them, zone 1 the proxy's
/// queries and the servers' answers. A zone must be set in both directions, before conntrack sees
/// the packet (raw, priority below -200).
struct ZoneRules {
    private static let proxyZone: UInt16 = 1
    private static let applicationZone: UInt16 = 2
    private static let key = "redirect.dns.skipConntrackZoneSplit"

    private(set) var output: [Rule] = []
    private(set) var prerouting: [Rule] = []

    /// Creates the split for `families`.
    init(_ context: CompilationContext, servers: DNSServers, of families: [AddressFamily]) {
        guard let one = families.first else { return }
        let ofThese =
            servers.isEverything && families != context.families
            ? [.family(one)] : servers.scopeMatches
        let fromProxy = Match.owner(.is(context.proxyUser))
        let fromDNS: [Match] = [.transport(.udp), .sourcePort(.port(.dns))]
        output = [
            Rule(
                ofThese + DNSRules.toDNS + [fromProxy],
                then: .conntrackZone(Self.proxyZone),
                because: Rationale("proxy's own DNS query", key: Self.key)),
            Rule(
                ofThese + [
                    .transport(.udp), .sourcePort(.port(context.dns.port.value)), fromProxy,
                ], then: .conntrackZone(Self.applicationZone),
                because: Rationale("proxy's answer to an application", key: Self.key)),
        ]
        prerouting = Self.virtualNetworkQueries(context, servers, of: families)
        if servers.isEverything {
            output.append(Self.query(ofThese))
            prerouting.append(Self.answer(ofThese + fromDNS))
            return
        }
        for group in servers.groups {
            output += Self.output(group)
            prerouting.append(Self.answer([.source(.inSet(group.set, group.family))] + fromDNS))
        }
    }

    /// Returns the rules for queries to the servers.
    ///
    /// If one server has a loopback address, there is a rule for each server, as in Kuma.
    private static func output(_ group: DNSServers.Group) -> [Rule] {
        guard group.addresses.contains(where: \.isLoopback) else {
            return [query([.destination(.inSet(group.set, group.family))])]
        }
        let isAlone = group.addresses.count == 1
        return group.addresses.flatMap { server in
            let address =
                isAlone ? AddressTest.inSet(group.set, group.family) : .of(IPPrefix(server))
            guard server.isLoopback else { return [query([.destination(address)])] }
            // Docker's 127.0.0.11 answers over loopback, so its answers also pass the output hook.
            return [
                query([.destination(address)]),
                answer([
                    .source(address), .destination(.of(CompilationContext.localhost(group.family))),
                    .transport(.udp),
                ]),
            ]
        }
    }

    /// Returns the rules for queries of containers, which arrive at prerouting.
    ///
    /// The proxy's answers are all in one zone, so the queries must be in it, too. Kuma has no such
    /// rule, and the answer is lost.
    private static func virtualNetworkQueries(
        _ context: CompilationContext, _ servers: DNSServers, of families: [AddressFamily]
    ) -> [Rule] {
        let networks = context.config.redirect.vnet.networks.value.map(\.value)
        let byInterface = Dictionary(grouping: networks, by: \.interface)
        return byInterface.keys.sorted().flatMap { interface in
            let own = Set((byInterface[interface] ?? []).map(\.network.family))
            return families.filter { family in
                own.contains(family)
                    && (servers.isEverything || servers.groups.contains { $0.family == family })
            }.map { family in
                Rule(
                    [.family(family), .inputInterface(interface)] + DNSRules.toDNS,
                    then: .conntrackZone(applicationZone),
                    because: Rationale("DNS query from a virtual network", key: key))
            }
        }
    }

    private static func query(_ matches: [Match]) -> Rule {
        Rule(
            matches + DNSRules.toDNS, then: .conntrackZone(applicationZone),
            because: Rationale("application's DNS query", key: key))
    }

    private static func answer(_ matches: [Match]) -> Rule {
        Rule(
            matches, then: .conntrackZone(proxyZone),
            because: Rationale("server's answer to the proxy", key: key))
    }
}
