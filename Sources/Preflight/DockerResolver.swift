package import RuleIR

/// Docker's DNS server in a container, 127.0.0.11, as far as it can be detected.
package struct DockerResolver: Hashable, Sendable, Codable {
    /// The engines whose tables have Docker's chain `DOCKER_OUTPUT`, to which iptables rules jump.
    package var chains: [LoadedChain.Engine] = []
    /// Whether the server forwards queries only from the host's network namespace, not from this
    /// one.
    package var forwardsFromHost = false

    package init() {}

    /// Whether Docker's comment in a resolv.conf(5) says so.
    ///
    /// `# ExtServers: [host(127.0.0.53) 192.0.2.53]` lists the servers that queries are forwarded
    /// to. Those of the host's own configuration are `host(…)` and are queried from its namespace;
    /// those given by `--dns` are queried from the container's. Docker 20.10 writes no such
    /// comment.
    package static func forwardsFromHost(_ resolvConf: String) -> Bool {
        let lists = resolvConf.split(whereSeparator: \.isNewline).compactMap { line in
            line.wholeMatch(of: /# ExtServers: \[(.*)\]\s*/).map { $0.1.split(separator: " ") }
        }
        let servers = lists.flatMap { $0 }
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
