import Addressing
import RuleIR
import RuleTrace

// Docker's DNS server in a container. It listens on 127.0.0.11 and a random port, to which Docker's
// own rules redirect port 53.
extension Preflight {
    var docker: [Finding] { dockerFlavour + dockerResolver }

    /// Finds rules of one flavour that would jump to a chain in the tables of the other.
    private var dockerFlavour: [Finding] {
        guard case .iptables(let engine) = plan.placement, plan.ruleset.yieldsToDocker,
            !survey.dockerResolver.chains.contains(engine), hasSeen(engine)
        else { return [] }
        return [.dockerFlavour(wanted: engine, found: survey.dockerResolver.chains.first)]
    }

    /// Whether the tables of the engine could be read.
    private func hasSeen(_ engine: LoadedChain.Engine) -> Bool {
        !survey.unseen.contains {
            switch engine {
            case .nftables: $0.subject == .chains
            case .legacy: $0.subject == .legacyTables
            }
        }
    }

    /// Finds a loop: the proxy queries Docker's resolver, whose forwarded queries are redirected
    /// again.
    private var dockerResolver: [Finding] {
        guard let dnsPort = plan.dnsPort, !survey.dockerResolver.forwardsFromHost else { return [] }
        let owners = Set(
            survey.listeners.filter {
                $0.transport == .udp && $0.address == .dockerResolver
            }.flatMap(\.owners))
        func isCaptured(_ server: IPAddress, of owner: UserID) -> Bool {
            let query = Packet(
                direction: .outgoing, transport: .udp, owner: owner,
                source: Self.somebody(server.family), destination: server,
                destinationPort: .dns, interface: .ethernet)
            return trace.explain(query).outcome == .redirected(to: dnsPort)
        }
        for owner in owners.sorted() where owner != plan.proxyUser {
            if plan.ruleset.families.contains(where: { isCaptured(Self.somebody($0), of: owner) }) {
                return [.dockerResolverLoop(owner: owner, capturesAll: true)]
            }
            // Docker's resolver may forward queries to the servers that this host uses.
            let others = plan.resolvers.filter { !$0.isLoopback }
            if others.contains(where: { isCaptured($0, of: owner) }) {
                return [.dockerResolverLoop(owner: owner, capturesAll: false)]
            }
        }
        return []
    }
}
