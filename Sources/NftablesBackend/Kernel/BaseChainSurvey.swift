import CMnl
import Glibc
import Netlink
package import RuleIR

/// Reads the nf_tables chains of all programs in the calling thread's network namespace.
///
/// It queries the kernel. libnftables would read the whole ruleset first, and foreign sets with
/// newer metadata can crash it (decision 0052). Needs CAP_NET_ADMIN; changes nothing.
package enum BaseChainSurvey {
    /// Returns base chains and regular chains, in the kernel's order.
    ///
    /// Reads the effects of rules only in tables that have a base chain on a hook that we use.
    package static func chains() throws(BackendError) -> [LoadedChain] {
        try KernelFailure.listing("the chains", orNothing: []) {
            (socket) throws(KernelFailure) in
            var chains = try socket.allChains()
            for table in tablesOnOurHooks(chains) {
                try RuleEffects.read(table, of: socket, into: &chains)
            }
            return chains
        }
    }

    private static func tablesOnOurHooks(_ chains: [LoadedChain]) -> [TableName] {
        var tables: [TableName] = []
        for chain in chains {
            guard let hook = chain.base?.hook, hook == .prerouting || hook == .output else {
                continue
            }
            let table = TableName(family: chain.family.number, name: chain.table)
            if !tables.contains(table) { tables.append(table) }
        }
        return tables
    }
}

extension MnlSocket {
    fileprivate func allChains() throws(KernelFailure) -> [LoadedChain] {
        var chains: [LoadedChain] = []
        try query(NFT_MSG_GETCHAIN, NLM_F_DUMP, of: AF_UNSPEC, { _ in }) { message in
            if let chain = LoadedChain(message) { chains.append(chain) }
        }
        return chains
    }
}

extension LoadedChain {
    /// Reads a message of NFT_MSG_NEWCHAIN; nil for a family whose packets our rules don't see.
    fileprivate init?(_ message: ArraySlice<UInt32>) {
        let chain = AttributeList(message: message)
        guard let number = TableName.family(of: message), let family = Family(number: number),
            let table = chain[NFTA_CHAIN_TABLE]?.text, let name = chain[NFTA_CHAIN_NAME]?.text
        else { return nil }
        var base: Base?
        if let place = chain[NFTA_CHAIN_HOOK]?.nested, let number = place[NFTA_HOOK_HOOKNUM] {
            let hook = Hook(number: number.number)
            let priority = Int32(bitPattern: place[NFTA_HOOK_PRIORITY]?.number ?? 0)
            if Hook.known.contains(hook) {
                base = Base(
                    type: chain[NFTA_CHAIN_TYPE]?.text ?? "filter", hook: hook,
                    priority: Int(priority))
            }
        }
        self.init(
            engine: .nftables, family: family, table: table, name: name, base: base,
            uses: Int(chain[NFTA_CHAIN_USE]?.number ?? 0))
    }
}

extension LoadedChain.Family {
    // NFPROTO_INET of <linux/netfilter.h>, a header that conflicts with glibc's. NFPROTO_IPV4 and
    // NFPROTO_IPV6 equal AF_INET and AF_INET6.
    private static let bothFamilies: Int32 = 1

    /// The number of the family in nf_tables (NFPROTO_…).
    var number: Int32 {
        switch self {
        case .ip: AF_INET
        case .ip6: AF_INET6
        case .inet: Self.bothFamilies
        }
    }

    fileprivate init?(number: Int32) {
        switch number {
        case AF_INET: self = .ip
        case AF_INET6: self = .ip6
        case Self.bothFamilies: self = .inet
        case _: return nil
        }
    }
}
