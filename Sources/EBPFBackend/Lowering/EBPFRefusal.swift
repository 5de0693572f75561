import RuleIR

extension RulesetProblem {
    /// A rule that the programs can't evaluate.
    static func ebpf(_ rule: Rule, at location: RuleLocation, because reason: String) -> Self {
        .unsupportedRule(
            RefusedRule(location: location, rationale: rule.rationale), by: "ebpf", reason: reason,
            instead: "nft")
    }

    /// More of something than the programs hold.
    static func ebpf(exceeds limit: Int, _ things: String) -> Self {
        .limitExceeded(things, by: "ebpf", limit: limit, instead: "nft")
    }
}

/// The reasons for which a rule can't be expressed.
enum EBPFReason {
    static let forwarded = "eBPF sees the sockets of this host and not the packets that it forwards"
    static let log = "eBPF writes nothing to the kernel log"
    static let drop = "eBPF decides connections and drops no packets of them"
    static let state = "eBPF doesn't use conntrack, so a connection has no conntrack state"
    static let interface = "eBPF decides before the route, and knows the interface lo only"
    static let source = "before the route, the source is known of traffic to this host only"
    static let sourcePort = "the source port of a connection isn't chosen yet"
    static let datagrams = "eBPF redirects incoming TCP connections and no datagrams"
    static let raw = "eBPF needs no conntrack zones and has no other rules before conntrack"
    static let ports = "eBPF has one port of the proxy for incoming connections"
}
