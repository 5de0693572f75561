package import RuleIR

/// Reduces the chains of a host, of which a cluster node may have ten thousand, for the findings.
package struct ChainReading {
    /// The base chains at our hooks.
    ///
    /// `redirects` covers all chains that they jump to, except Docker's DNS rules.
    package let chains: [LoadedChain]
    package let knownPrograms: [ProgramSign]
    /// The engines whose tables have the chain `DOCKER_OUTPUT`.
    package let dockerChains: [LoadedChain.Engine]

    package init(_ loaded: [LoadedChain]) {
        let tables = Dictionary(grouping: loaded, by: Table.init)
        chains = loaded.filter { $0.base?.hook == .prerouting || $0.base?.hook == .output }
            .map { base in Self.resolved(base, in: tables[Table(base)] ?? []) }
        knownPrograms = Self.knownPrograms(loaded)
        dockerChains = loaded.filter(\.isDockerOutput).map(\.engine)
    }

    private struct Table: Hashable {
        var engine: LoadedChain.Engine
        var family: LoadedChain.Family
        var name: String

        init(_ chain: LoadedChain) {
            engine = chain.engine
            family = chain.family
            name = chain.table
        }
    }

    private static func resolved(_ base: LoadedChain, in table: [LoadedChain]) -> LoadedChain {
        let byName = Dictionary(table.map { ($0.name, $0) }) { first, _ in first }
        var reached: Set<String> = [base.name]
        var next = [base]
        var resolved = base
        resolved.redirects = false
        while let chain = next.popLast() {
            resolved.redirects = resolved.redirects || (chain.redirects && !chain.isDockerDNS)
            // Only firewalld's own chain matters; foreign chains that reject are the
            // administrator's choice.
            if chain.name == KnownProgram.firewalldRejection {
                resolved.rejects = resolved.rejects || chain.rejects
            }
            // A verdict map may lead to any regular chain.
            let targets =
                chain.hasVerdictMap
                ? table.filter { $0.base == nil } : chain.jumps.compactMap { byName[$0] }
            for target in targets where reached.insert(target.name).inserted {
                next.append(target)
            }
        }
        resolved.jumps = []
        resolved.hasVerdictMap = false
        return resolved
    }

    private static func knownPrograms(_ loaded: [LoadedChain]) -> [ProgramSign] {
        var signs: [ProgramSign] = []
        for chain in loaded {
            guard let program = KnownProgram.owner(of: chain) else { continue }
            let sign = ProgramSign(
                program, engine: chain.engine, family: chain.family, table: chain.table)
            if !signs.contains(sign) { signs.append(sign) }
        }
        for chain in loaded where OldKuma.isFirst(chain, among: loaded) {
            signs.append(
                ProgramSign(
                    .kumactl, engine: chain.engine, family: chain.family, table: chain.table))
        }
        // Kuma's chain names in a table with our ownership chain are ours.
        let ours = signs.filter { $0.program == .tproxy }
        return signs.filter { sign in
            sign.program != .kumactl
                || !ours.contains {
                    $0.engine == sign.engine && $0.family == sign.family && $0.table == sign.table
                }
        }
    }
}
