import TproxyTestSupport

/// A backend with a submission, and what a test must know about its rules.
enum BackendUnderTest: String, CaseIterable, Sendable, CustomStringConvertible {
    case nft
    /// The same table as netlink messages, which libnftables doesn't see.
    case nftByNetlink = "nft-by-netlink"
    case iptablesNft = "iptables-nft"
    case iptablesLegacy = "iptables-legacy"

    var description: String { rawValue }

    var apply: [String] { ["apply"] + flags }

    /// Its name for `--backend`.
    var backend: String {
        switch self {
        case .nft, .nftByNetlink: "nft"
        case .iptablesNft, .iptablesLegacy: rawValue
        }
    }

    /// The flags with which `apply` selects it.
    var flags: [String] {
        switch self {
        case .nft: ["--backend", "nft", "--submit", "libnftables"]
        case .nftByNetlink: ["--backend", "nft", "--submit", "netlink"]
        case .iptablesNft, .iptablesLegacy: ["--backend", rawValue]
        }
    }

    /// `flags` for a shell.
    var words: String { flags.joined(separator: " ") }

    /// Its name for the loaded rules.
    var name: String {
        switch self {
        case .nft, .nftByNetlink: "table inet tproxy_mesh"
        case .iptablesNft, .iptablesLegacy: "chains KUMA_MESH_* of \(rawValue)"
        }
    }

    /// The iptables whose tables a test reads.
    var iptables: String {
        switch self {
        case .nft, .nftByNetlink, .iptablesNft: "iptables-nft"
        case .iptablesLegacy: "iptables-legacy"
        }
    }

    /// The chain in which `status` counts outgoing packets.
    var outputChain: String {
        switch self {
        case .nft, .nftByNetlink: "nat_output_last"
        case .iptablesNft, .iptablesLegacy: "IPv4 nat OUTPUT"
        }
    }

    /// Changes of a regular chain, of a base chain, and one more rule; one is for IPv6 if families
    /// differ.
    var changesByHand: [String] {
        switch self {
        case .nft, .nftByNetlink:
            [
                "nft flush chain inet tproxy_mesh mesh_inbound",
                "nft flush chain inet tproxy_mesh nat_output_last",
                "nft insert rule inet tproxy_mesh mesh_outbound return",
            ]
        case .iptablesNft, .iptablesLegacy:
            [
                "\(iptables) -t nat -F KUMA_MESH_INBOUND",
                "\(iptables) -t nat -D OUTPUT -p tcp -m comment --comment "
                    + "'kuma/mesh/transparent/proxy/outgoing TCP [redirect.outbound.enabled]'"
                    + " -j KUMA_MESH_OUTBOUND",
                "ip6\(iptables.dropFirst(2)) -t nat -I KUMA_MESH_OUTBOUND -j RETURN",
            ]
        }
    }

    /// The state of the host: rules, addresses and policy rules.
    func state(_ sandbox: Sandbox) async throws -> String {
        switch self {
        case .nft, .nftByNetlink: try await sandbox.state()
        case .iptablesNft: try await IptablesApplyTests.saved(sandbox, "nft")
        case .iptablesLegacy: try await IptablesApplyTests.saved(sandbox, "legacy")
        }
    }
}
