import CMnl
import Netlink
import RuleIR

/// Reads the effects of a table's rules on packets, as far as the preflight needs them.
enum RuleEffects {
    /// Targets of iptables that change destinations; the kernel lists them as `xt` or `redir`.
    private static let redirectingTargets: Set<String> = ["DNAT", "REDIRECT", "TPROXY"]

    /// Adds the effects of the rules of `table` to their chains.
    static func read(
        _ table: TableName, of socket: borrowing MnlSocket, into chains: inout [LoadedChain]
    ) throws(KernelFailure) {
        var places: [String: Int] = [:]
        for (index, chain) in chains.enumerated()
        where chain.family.number == table.family && chain.table == table.name {
            places[chain.name] = index
        }
        try socket.query(NFT_MSG_GETRULE, NLM_F_DUMP, of: table.family) {
            $0.put(NFTA_RULE_TABLE, text: table.name)
        } messages: { message in
            let rule = AttributeList(message: message)
            guard let chain = rule[NFTA_RULE_CHAIN]?.text, let place = places[chain],
                let expressions = rule[NFTA_RULE_EXPRESSIONS]
            else { return }
            for item in expressions.nested { add(ForeignExpression(item), to: &chains[place]) }
        }
    }

    private static func add(_ expression: ForeignExpression, to chain: inout LoadedChain) {
        let data = expression.data
        switch expression.name {
        case "redir", "tproxy": chain.redirects = true
        case "reject": chain.rejects = true
        case "nat":
            if data[NFTA_NAT_TYPE]?.number == NFT_NAT_DNAT.rawValue { chain.redirects = true }
        case "target":
            let name = expression.extensionName
            if redirectingTargets.contains(name) { chain.redirects = true }
            if name == "REJECT" { chain.rejects = true }
        case "immediate":
            let verdict = data[NFTA_IMMEDIATE_DATA]?.nested[NFTA_DATA_VERDICT]?.nested
            if let target = verdict?[NFTA_VERDICT_CHAIN]?.text { chain.jumps.insert(target) }
        case "lookup":
            if data[NFTA_LOOKUP_DREG]?.number == Register.verdict { chain.hasVerdictMap = true }
        case _: break
        }
    }
}
