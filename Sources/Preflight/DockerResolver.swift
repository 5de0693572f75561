package import RuleIR

/// Docker's DNS server in a container, 127.0.0.11, as far as it shows.
package struct DockerResolver: Hashable, Sendable, Codable {
    /// Which tables have Docker's chain `DOCKER_OUTPUT`, to which rules of iptables jump.
    package var chains: [LoadedChain.Engine] = []
    /// Whether it forwards queries from the host's network namespace, and none from this one.
    package var forwardsFromHost = false

    package init() {}

    /// Whether a resolv.conf(5) says so, in the comment that Docker writes into it.
    ///
    /// `# ExtServers: [host(127.0.0.53) 192.0.2.53]` lists the servers that queries are forwarded to.
    /// Those of the host's own configuration are `host(…)` and asked from its namespace; those given by
    /// `--dns` are asked from the container's. Docker 20.10 writes no such comment.
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
    /// Docker's DNS rules in a container: they redirect queries to 127.0.0.11 and nothing else.
    ///
    /// Versions that use nftables themselves have a table for them.
    var isDockerDNS: Bool { isDockerOutput || (family == .ip && table == "docker-dns") }

    /// The chain of iptables that rules of ours jump to.
    var isDockerOutput: Bool {
        family == .ip && table == "nat" && name == "DOCKER_OUTPUT"
    }
}
