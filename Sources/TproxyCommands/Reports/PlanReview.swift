import Addressing
import HostFacts
import Review
import RuleIR
import RuleTrace
import TproxyConfig
import TproxyOperations

extension Review {
    /// The number of items of a list that a page shows.
    private static let itemLimit = 20

    /// Creates the page of a plan; `comparesHost` adds the comparison with this host.
    init(_ plan: Plan, _ choice: BackendChoice, comparesHost: Bool) throws {
        let (name, digest) = try plan.identity(for: choice)
        let host = try comparesHost ? plan.backends.name(of: choice) : nil
        let effective = EffectiveConfiguration(plan.config)
        let origins = OriginIndex(effective)
        self.init(
            name: name, digest: digest, version: tproxyVersion, ruleset: plan.ruleset,
            flow: try plan.flow(for: choice), proxyUser: plan.proxyUser,
            addresses: ExplainSubject(plan).proxy.addresses,
            settings: effective.rows(itemLimit: Self.itemLimit).map {
                Row(name: $0.path, value: $0.value, origin: $0.origin.description)
            },
            facts: plan.facts.reviewRows, warnings: plan.warnings + plan.refusals(for: choice),
            comparison: try host.map {
                Review.Comparison(
                    try plan.comparedNow(with: .backend($0)), of: plan.ruleset)
            },
            preflight: host.map { PreflightResult(plan, $0).diagnostics },
            originOf: { origins.origin(of: $0)?.description ?? "default" })
    }
}

extension HostFacts {
    /// The facts as text.
    var reviewRows: [Review.Row] {
        let servers = resolvers.map(\.description).joined(separator: ", ")
        return [
            Review.Row(
                name: "proxy user", value: "\(proxyUser)",
                origin: "its own traffic bypasses the proxy"),
            Review.Row(
                name: "loopback interface", value: "\(loopback)",
                origin: "local traffic uses it"),
            Review.Row(
                name: "own addresses",
                value: addresses.map {
                    $0.map { "\($0.address) on \($0.interface)" }.joined(separator: ", ")
                } ?? "unknown", origin: "a packet to one of them stays on the host"),
            Review.Row(
                name: "DNS servers", value: servers.isEmpty ? "none" : servers,
                origin: "the nameserver lines of resolv.conf"),
            Review.Row(
                name: "IPv6", value: ipv6.isUsable ? "usable" : "not usable", origin: ipv6.reason),
            Review.Row(
                name: "Docker's DNS rules", value: hasDockerDNSChain ? "present" : "absent",
                origin: "chain DOCKER_OUTPUT in this network namespace"),
        ]
    }
}
