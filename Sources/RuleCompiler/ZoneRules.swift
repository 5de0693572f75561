import Addressing
import HostFacts
import RuleIR
import TproxyConfig

/// The conntrack zone split.
///
/// An application's query and the proxy's own may use the same port and server. In one zone the
/// second would be taken for the first and sent back to the proxy. Applications and the proxy's
/// answers to them live in zone 2, the proxy's queries and the servers' answers in zone 1. A zone
/// must be set on both directions, before conntrack looks (raw, priority below -200).
struct ZoneRules {
    private static let proxyZone: UInt16 = 1
    private static let applicationZone: UInt16 = 2
    private static let key = "redirect.dns.skipConntrackZoneSplit"

    private(set) var output: [Rule] = []
    private(set) var prerouting: [Rule] = []

    init(_ scope: Scope, servers: DNSServers) {
        let fromProxy = Match.owner(.is(scope.proxyUser))
        let fromDNS: [Match] = [.transport(.udp), .sourcePort(.port(.dns))]
        output = [
            Rule(
                servers.scopeMatches + DNSRules.toDNS + [fromProxy],
                then: .conntrackZone(Self.proxyZone),
                because: Rationale("proxy's own DNS query", key: Self.key)),
            Rule(
                servers.scopeMatches + [
                    .transport(.udp), .sourcePort(.port(scope.dns.port.value)), fromProxy,
                ], then: .conntrackZone(Self.applicationZone),
                because: Rationale("proxy's answer to an application", key: Self.key)),
        ]
        prerouting = Self.virtualNetworkQueries(scope, servers)
        if servers.isEverything {
            output.append(Self.query([]))
            prerouting.append(Self.answer(fromDNS))
            return
        }
        for group in servers.groups {
            output.append(Self.query([.destination(.inSet(group.set, group.family))]))
            // Docker's 127.0.0.11 answers over loopback, so its answers are output packets too.
            output += group.addresses.filter(\.isLoopback).map { server in
                Self.answer([
                    .source(.of(IPPrefix(server))),
                    .destination(.of(Scope.localhost(group.family))), .transport(.udp),
                ])
            }
            prerouting.append(Self.answer([.source(.inSet(group.set, group.family))] + fromDNS))
        }
    }

    /// A container's query comes in by prerouting.
    ///
    /// The proxy's answer to it is in the zone of all its answers, so the query must be, too; Kuma
    /// leaves it out, and the answer is lost.
    private static func virtualNetworkQueries(_ scope: Scope, _ servers: DNSServers) -> [Rule] {
        let networks = scope.config.redirect.vnet.networks.value.map(\.value)
        return Set(networks.map(\.interface)).sorted().flatMap { interface in
            scope.families.filter { family in
                networks.contains { $0.interface == interface && $0.network.family == family }
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
