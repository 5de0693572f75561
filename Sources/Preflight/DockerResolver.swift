import Addressing
package import RuleIR
import RuleTrace

/// Docker's DNS server in a container, 127.0.0.11, as far as it can be detected.
package struct DockerResolver: Hashable, Sendable, Codable {
    /// The engines whose tables have Docker's chain `DOCKER_OUTPUT`, to which iptables rules jump.
    package var chains: [LoadedChain.Engine] = []
    /// Whether the server forwards queries only from the host's network namespace, not from this
    /// one.
    package var forwardsFromHost = false

    package init() {}

    /// Whether Docker's comment in a resolv.conf(5) shows that it does.
    ///
    /// `# ExtServers: [host(127.0.0.53) 192.0.2.53]` lists the servers that Docker forwards queries
    /// to. Those of the host's own configuration are `host(…)` and are queried from its namespace;
    /// those given by `--dns` are queried from the container's. Docker 20.10 writes no such
    /// comment.
    package static func forwardsFromHost(_ resolvConf: String) -> Bool {
        let lists = resolvConf.split(whereSeparator: \.isNewline).compactMap { line in
            let beginning = "# ExtServers: ["
            guard line.hasPrefix(beginning), let last = line.lastIndex(where: { !$0.isWhitespace }),
                line[last] == "]"
            else { return nil as Substring? }
            return line[..<last].dropFirst(beginning.count)
        }
        let servers = lists.flatMap { $0.split(separator: " ") }
        return !servers.isEmpty
            && servers.allSatisfy { $0.hasPrefix("host(") && $0.hasSuffix(")") }
    }
}

extension LoadedChain {
    /// Whether these are Docker's DNS rules in a container, which redirect only queries to
    /// 127.0.0.11.
    ///
    /// Versions that use nftables themselves have a table for them.
    var isDockerDNS: Bool { isDockerOutput || (family == .ip && table == "docker-dns") }

    /// Whether this is the iptables chain to which our rules jump.
    var isDockerOutput: Bool {
        family == .ip && table == "nat" && name == "DOCKER_OUTPUT"
    }
}

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
        func isRedirected(_ server: IPAddress, of owner: UserID) -> Bool {
            let query = Packet(
                direction: .outgoing, transport: .udp, owner: owner,
                source: Self.unusedAddress(server.family), destination: server,
                destinationPort: .dns, interface: .ethernet)
            return trace.explain(query).outcome == .redirected(to: dnsPort)
        }
        for owner in owners.sorted() where owner != plan.proxyUser {
            if plan.ruleset.families.contains(where: {
                isRedirected(Self.unusedAddress($0), of: owner)
            }) {
                return [.dockerResolverLoop(owner: owner, redirectsAll: true)]
            }
            // Docker's resolver may forward queries to the servers that this host uses.
            let others = plan.resolvers.filter { !$0.isLoopback }
            if others.contains(where: { isRedirected($0, of: owner) }) {
                return [.dockerResolverLoop(owner: owner, redirectsAll: false)]
            }
        }
        return []
    }
}
