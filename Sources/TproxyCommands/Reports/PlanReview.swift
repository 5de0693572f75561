import Addressing
import Diagnostics
import HostFacts
import IptablesRules
import NftablesBackend
import PacketFlow
import ReviewPage
import RuleIR
import RuleTrace
import TproxyConfig

extension Plan {
    /// What the rules would be found under, and their digest.
    func identity(for options: BackendOptions) throws -> (name: String, digest: String) {
        let backend = options.choice(for: config)
        return switch backend {
        case .nft: ("table inet tproxy_\(ruleset.instance)", try emission().digest)
        case .iptables, .iptablesNft, .iptablesLegacy:
            ("chains KUMA_MESH_* of \(backend.rawValue)", try iptablesEmission().digest)
        }
    }

    /// The plan for pictures.
    func flow(for options: BackendOptions) throws -> PacketFlow {
        let segmentOffset =
            switch options.choice(for: config) {
            case .nft: 1
            case .iptables, .iptablesNft, .iptablesLegacy: 0
            }
        do {
            return try PacketFlow(ruleset, segmentOffset: segmentOffset)
        } catch {
            throw CommandFailure(BackendError.invalidRuleset(error).diagnostic)
        }
    }

    /// How many items of a list a page shows.
    private static let itemLimit = 20

    /// The plan as a page shows it; `comparesHost` adds what is on this host.
    func review(for options: BackendOptions, comparesHost: Bool) throws -> Review {
        let (name, digest) = try identity(for: options)
        let host = try comparesHost ? backends.name(of: options.choice(for: config)) : nil
        let effective = EffectiveConfiguration(config)
        let origins = OriginIndex(effective)
        return Review(
            name: name, digest: digest, version: tproxyVersion, ruleset: ruleset,
            flow: try flow(for: options), proxyUser: proxyUser,
            addresses: ExplainSubject(self).proxy.addresses,
            settings: effective.rows(itemLimit: Self.itemLimit).map {
                Review.Row(name: $0.path, value: $0.value, origin: $0.origin.description)
            },
            facts: facts.reviewRows, warnings: warnings + refusals(for: options),
            comparison: try host.map(comparison),
            preflight: host.map { PreflightResult(self, $0).diagnostics },
            originOf: { origins.origin(of: $0)?.description ?? "default" })
    }

    private func comparison(with name: BackendName) throws -> Review.Comparison {
        let selection = backends
        return Review.Comparison(
            try Comparison(
                ruleset, digest: selection.digest(of: ruleset, for: name), name, selection,
                chains: selection.everybodysChains()))
    }
}

extension HostFacts {
    /// The facts in words.
    fileprivate var reviewRows: [Review.Row] {
        let servers = resolvers.map(\.description).joined(separator: ", ")
        return [
            Review.Row(
                name: "proxy user", value: "\(proxyUser)",
                origin: "its own traffic is never sent back to it"),
            Review.Row(
                name: "loopback interface", value: "\(loopback)",
                origin: "what stays on the host passes through it"),
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
