import Addressing
import Diagnostics
import HostFacts
import RuleIR
import TproxyConfig

/// Whose DNS is captured: the servers of resolv.conf, or everybody's.
struct DNSServers {
    /// The servers of one family.
    struct Group {
        var family: AddressFamily
        var addresses: [IPAddress]
        var set: SetName
    }

    let isEverything: Bool
    private(set) var groups: [Group] = []
    private(set) var warnings: [Diagnostic] = []
    let key: String

    init(_ context: CompilationContext, sets: inout SetCollector) {
        isEverything = context.dns.captureAll.value
        key = isEverything ? "redirect.dns.captureAll" : "redirect.dns.resolvConfigPath"
        guard !isEverything else { return }
        for family in context.families {
            let servers = context.facts.resolvers(of: family)
            let members = servers.enumerated().map { index, server in
                NamedSet.Member(
                    IPPrefix(server), source: "redirect.dns.resolvConfigPath")
            }
            if let name = sets.addresses("dns_servers", members, of: family) {
                groups.append(Group(family: family, addresses: servers, set: name))
            } else {
                warnings.append(
                    .noResolver(
                        of: family, in: context.dns.resolvConfigPath.value,
                        at: context.dns.resolvConfigPath.origin.location))
            }
        }
    }

    /// What limits rules to the families whose DNS is captured; empty when all are.
    var scopeMatches: [Match] {
        guard !isEverything, groups.count == 1, let only = groups.first else { return [] }
        return [.family(only.family)]
    }

    /// For each redirection, what makes a query's destination one that is captured.
    var matches: [[Match]] {
        isEverything ? [[]] : groups.map { [.destination(.inSet($0.set, $0.family))] }
    }
}
