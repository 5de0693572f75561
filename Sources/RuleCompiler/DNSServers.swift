import Addressing
import Diagnostics
import HostFacts
import RuleIR
import TproxyConfig

/// The servers whose DNS queries are redirected: those of resolv.conf, or all servers.
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

    /// The matches that limit rules to the families whose DNS is redirected; empty for all.
    var scopeMatches: [Match] {
        guard !isEverything, groups.count == 1, let only = groups.first else { return [] }
        return [.family(only.family)]
    }

    /// The matches on a query's destination, one list for each redirect rule.
    var matches: [[Match]] {
        isEverything ? [[]] : groups.map { [.destination(.inSet($0.set, $0.family))] }
    }
}
