import Addressing
import Diagnostics
package import Preflight
import RuleIR

// Diagnostics of the preflight: the observation, its effect, and the remedy.
extension Finding {
    var diagnostic: Diagnostic {
        let severity: Diagnostic.Severity =
            switch kind.severity {
            case .warning: .warning
            case .note: .note
            }
        let words = words
        return Diagnostic(
            severity, id: kind.rawValue, words.seen, notes: [words.consequence],
            help: words.remedy)
    }

    package var words: FindingMessages {
        switch self {
        case .natChainBefore(let chain): .natChainBefore(chain)
        case .natChainEqual(let chain): .natChainEqual(chain)
        case .natChainBetween(let chain): .natChainBetween(chain)
        case .dockerFirst(let chain): .dockerFirst(chain)
        case .dockerFlavour(let wanted, let found): .dockerFlavour(wanted, found)
        case .kubeProxyFirst(let chain): .kubeProxyFirst(chain)
        case .legacyAndNft(let legacy, let nft): .legacyAndNft(legacy, nft)
        case .otherMesh(let mesh, let sign): .otherMesh(mesh, sign)
        case .kumactlRules(let sign): .kumactlRules(sign)
        case .otherInstance(let sign): .otherInstance(sign)
        case .firewalldRejectsIPv6(let chain): .firewalldRejectsIPv6(chain)
        case .firewalldBypassed(let port): .firewalldBypassed(port)
        case .firewallDrops(let obstacle): .firewallDrops(obstacle)
        case .firewallUnclear(let obstacle): .firewallUnclear(obstacle)
        case .noListener(let ports): .noListener(ports)
        case .listenerFamily(let port, let family): .listenerFamily(port, family)
        case .listenerAddress(let port, let bound, let needed):
            .listenerAddress(port, bound, needed)
        case .listenerOwner(let ports, let owner, let user): .listenerOwner(ports, owner, user)
        case .sshRedirected(let port): .sshRedirected(port)
        case .containersRedirected(let bridge, let network, let port):
            .containersRedirected(bridge, network, port)
        case .virtualNetworkInbound(let ports, let networks, let inbound):
            .virtualNetworkInbound(ports, networks, inbound)
        case .resolverLoop(let resolver, let owner): .resolverLoop(resolver, owner)
        case .dockerResolverLoop(let owner, let redirectsAll):
            .dockerResolverLoop(owner, redirectsAll: redirectsAll)
        case .ipv6NotCovered(let interface, let address): .ipv6NotCovered(interface, address)
        case .loopbackIPv6Off(let interface): .loopbackIPv6Off(interface)
        case .rootProxyUser: .rootProxyUser
        case .sharedProxyUser(let process, let user): .sharedProxyUser(process, user)
        case .openConnections(let count, let sessions): .openConnections(count, sessions)
        case .connectionsBreak(let count): .connectionsBreak(count)
        case .sessionsBreak(let port, let count): .sessionsBreak(port, count)
        case .forwardedConnections(let interface): .forwardedConnections(interface)
        case .openDNSFlows(let count): .openDNSFlows(count)
        case .openSockets(let count, let sessions): .openSockets(count, sessions)
        case .oldKernel(let release): .oldKernel(release)
        case .missingFeature(let feature): .missingFeature(feature)
        case .missingLibrary: .missingLibrary
        case .unusableCgroup(let problem, let remedy): .unusableCgroup(problem, remedy)
        case .unusableBPFFileSystem(let problem, let remedy):
            .unusableBPFFileSystem(problem, remedy)
        case .missingCapabilities(let names): .missingCapabilities(names)
        case .lockdown(let mode): .lockdown(mode)
        case .userNamespace(let user, let outer): .userNamespace(user, outer)
        case .ciliumSockets(let programs): .ciliumSockets(programs)
        case .foreignPrograms(let programs): .foreignPrograms(programs)
        }
    }
}

/// The messages of findings; one function for each kind, also in the adjacent files.
package struct FindingMessages {
    package var seen: String
    package var consequence: String
    package var remedy: String
}

extension Diagnostic {
    /// Returns one diagnostic for all subjects that couldn't be read.
    static func notLookedAt(_ unseen: [PreflightSurvey.Unseen]) -> Diagnostic {
        let parts = unseen.map { "\($0.subject.words) (\($0.reason))" }
        return Diagnostic(
            .note, id: "not-looked-at",
            "the preflight could not check \(parts.joined(separator: ", "))",
            help: unseen.allSatisfy { $0.reason.hasPrefix("root ") }
                ? "run it on the host, outside of containers, to check everything"
                : "run it as root to check everything")
    }

    /// The refusal of `--strict`, whatever the warnings are about.
    static func warningsRefused(_ count: Int) -> Diagnostic {
        .error(
            id: "warnings-refused",
            "there \(count == 1 ? "is 1 warning" : "are \(count) warnings"), and --strict is given",
            help: "resolve the warnings, or leave --strict out")
    }
}

extension PreflightSurvey.Unseen.Subject {
    fileprivate var words: String {
        switch self {
        case .chains: "the chains of other programs"
        case .legacyTables: "the tables of iptables-legacy"
        case .filterRules: "rules that may drop packets"
        case .sockets: "sockets"
        case .trackedFlows: "conntrack entries"
        case .processes: "the owners of sockets"
        case .addresses: "the addresses of this host"
        case .features: "what eBPF needs of the kernel"
        case .programs: "eBPF programs of others"
        }
    }
}
