import RuleIR

/// Recognizes the chains of Kuma up to 2.1, whose names lack Kuma's prefix.
enum OldKuma {
    /// Whether the chain is the first of Kuma's four, with jumps as Kuma writes them.
    static func isFirst(_ chain: LoadedChain, among loaded: [LoadedChain]) -> Bool {
        guard chain.name == "MESH_INBOUND", chain.table == "nat", chain.family != .inet else {
            return false
        }
        func other(_ name: String) -> LoadedChain? {
            loaded.first {
                $0.name == name && $0.engine == chain.engine && $0.family == chain.family
                    && $0.table == chain.table
            }
        }
        guard let outbound = other("MESH_OUTBOUND"),
            other("MESH_INBOUND_REDIRECT")?.redirects == true,
            other("MESH_OUTBOUND_REDIRECT")?.redirects == true
        else { return false }
        return chain.jumps.contains("MESH_INBOUND_REDIRECT")
            || outbound.jumps.contains("MESH_OUTBOUND_REDIRECT")
    }
}
