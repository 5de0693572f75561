import CMnl
import CNftnl
import Glibc
import Netlink
package import RuleIR

/// Reads the nf_tables chains of all programs in the calling thread's network namespace.
///
/// It queries the kernel through libnftnl. libnftables would read the whole ruleset first, and
/// foreign sets with newer metadata can crash it (decision 0052). Needs CAP_NET_ADMIN; changes
/// nothing.
package enum BaseChainSurvey {
    /// Returns base chains and regular chains, in the kernel's order.
    ///
    /// The effects of rules are read only in tables that have a base chain on a hook that we use.
    package static func chains() throws(BackendError) -> [LoadedChain] {
        do {
            var chains = try loadedChains()
            for table in tablesOnOurHooks(chains) {
                try RuleEffects.read(table, into: &chains)
            }
            return chains
        } catch {
            switch error.code {
            case EPERM: throw .missingCapability("CAP_NET_ADMIN")
            // A kernel without nf_tables has no chains.
            case EOPNOTSUPP, EPROTONOSUPPORT, EINVAL, ENOENT: return []
            case _: throw .failed(operation: "listing the chains", reason: error.reason)
            }
        }
    }

    private static func loadedChains() throws(NetlinkError) -> [LoadedChain] {
        var chains: [LoadedChain] = []
        let socket = try MnlSocket(.netfilter)
        try unsafe socket.request { memory in
            unsafe nftnl_nlmsg_build_hdr(
                memory, UInt16(NFT_MSG_GETCHAIN.rawValue), UInt16(AF_UNSPEC), UInt16(NLM_F_DUMP), 1)
        } receive: { message in
            guard let chain = unsafe nftnl_chain_alloc() else { return }
            defer { unsafe nftnl_chain_free(chain) }
            guard unsafe nftnl_chain_nlmsg_parse(message, chain) == 0 else { return }
            if let loaded = unsafe loadedChain(chain) { chains.append(loaded) }
        }
        return chains
    }

    private static func loadedChain(_ chain: OpaquePointer) -> LoadedChain? {
        let number = unsafe nftnl_chain_get_u32(chain, UInt16(NFTNL_CHAIN_FAMILY.rawValue))
        guard let family = LoadedChain.Family(number: number),
            let table = unsafe text(chain, NFTNL_CHAIN_TABLE),
            let name = unsafe text(chain, NFTNL_CHAIN_NAME)
        else { return nil }
        var base: LoadedChain.Base?
        let hook = LoadedChain.Hook(
            number: unsafe nftnl_chain_get_u32(chain, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue)))
        if unsafe nftnl_chain_is_set(chain, UInt16(NFTNL_CHAIN_HOOKNUM.rawValue)),
            LoadedChain.Hook.known.contains(hook)
        {
            base = LoadedChain.Base(
                type: unsafe text(chain, NFTNL_CHAIN_TYPE) ?? "filter", hook: hook,
                priority: Int(unsafe nftnl_chain_get_s32(chain, UInt16(NFTNL_CHAIN_PRIO.rawValue))))
        }
        return LoadedChain(
            engine: .nftables, family: family, table: table, name: name, base: base,
            uses: Int(unsafe nftnl_chain_get_u32(chain, UInt16(NFTNL_CHAIN_USE.rawValue))))
    }

    private static func text(_ chain: OpaquePointer, _ attribute: nftnl_chain_attr) -> String? {
        unsafe nftnl_chain_get_str(chain, UInt16(attribute.rawValue)).map {
            unsafe String(cString: $0)
        }
    }

    private static func tablesOnOurHooks(_ chains: [LoadedChain]) -> [RuleEffects.Table] {
        var tables: [RuleEffects.Table] = []
        for chain in chains {
            guard let hook = chain.base?.hook, hook == .prerouting || hook == .output else {
                continue
            }
            let table = RuleEffects.Table(family: chain.family, name: chain.table)
            if !tables.contains(table) { tables.append(table) }
        }
        return tables
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

    fileprivate init?(number: UInt32) {
        switch Int32(bitPattern: number) {
        case AF_INET: self = .ip
        case AF_INET6: self = .ip6
        case Self.bothFamilies: self = .inet
        case _: return nil
        }
    }
}
