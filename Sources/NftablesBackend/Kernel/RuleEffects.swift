import CMnl
import CNftnl
import Glibc
import Netlink
import RuleIR

/// Reads what the rules of a table do to packets, as far as the preflight needs it.
enum RuleEffects {
    struct Table: Hashable {
        var family: LoadedChain.Family
        var name: String
    }

    /// iptables targets that change destinations; they appear as `xt` targets or as `redir`.
    private static let redirectingTargets: Set<String> = ["DNAT", "REDIRECT", "TPROXY"]

    /// Adds the effects of the rules of `table` to their chains.
    ///
    /// Skips rules that this libnftnl can't read.
    static func read(_ table: Table, into chains: inout [LoadedChain]) throws(NetlinkError) {
        var places: [String: Int] = [:]
        for (index, chain) in chains.enumerated()
        where chain.family == table.family && chain.table == table.name {
            places[chain.name] = index
        }
        guard let wanted = unsafe nftnl_rule_alloc() else { return }
        defer { unsafe nftnl_rule_free(wanted) }
        unsafe nftnl_rule_set_str(wanted, UInt16(NFTNL_RULE_TABLE.rawValue), table.name)
        let socket = try MnlSocket(.netfilter)
        try unsafe socket.request { memory in
            let header = unsafe nftnl_nlmsg_build_hdr(
                memory, UInt16(NFT_MSG_GETRULE.rawValue), UInt16(table.family.number),
                UInt16(NLM_F_DUMP), 1)
            unsafe nftnl_rule_nlmsg_build_payload(header, wanted)
            return unsafe header ?? memory.assumingMemoryBound(to: nlmsghdr.self)
        } receive: { message in
            guard let rule = unsafe nftnl_rule_alloc() else { return }
            defer { unsafe nftnl_rule_free(rule) }
            guard unsafe nftnl_rule_nlmsg_parse(message, rule) == 0,
                let chain = unsafe nftnl_rule_get_str(rule, UInt16(NFTNL_RULE_CHAIN.rawValue)),
                let place = unsafe places[String(cString: chain)]
            else { return }
            unsafe add(rule, to: &chains[place])
        }
    }

    private static func add(_ rule: OpaquePointer, to chain: inout LoadedChain) {
        guard let expressions = unsafe nftnl_expr_iter_create(rule) else { return }
        defer { unsafe nftnl_expr_iter_destroy(expressions) }
        while let expression = unsafe nftnl_expr_iter_next(expressions) {
            switch unsafe text(expression, NFTNL_EXPR_NAME) {
            case "redir", "tproxy": chain.redirects = true
            case "reject": chain.rejects = true
            case "nat":
                let type = unsafe nftnl_expr_get_u32(
                    expression, UInt16(NFTNL_EXPR_NAT_TYPE))
                if type == NFT_NAT_DNAT.rawValue { chain.redirects = true }
            case "target":
                let name = unsafe text(expression, NFTNL_EXPR_TG_NAME) ?? ""
                if redirectingTargets.contains(name) { chain.redirects = true }
                if name == "REJECT" { chain.rejects = true }
            case "immediate":
                if let target = unsafe text(expression, NFTNL_EXPR_IMM_CHAIN) {
                    chain.jumps.insert(target)
                }
            case "lookup":
                // A verdict goes to register 0 (NFT_REG_VERDICT).
                let register = UInt16(NFTNL_EXPR_LOOKUP_DREG)
                if unsafe nftnl_expr_is_set(expression, register),
                    unsafe nftnl_expr_get_u32(expression, register) == NFT_REG_VERDICT.rawValue
                {
                    chain.hasVerdictMap = true
                }
            case _: break
            }
        }
    }

    private static func text(_ expression: OpaquePointer, _ attribute: Int) -> String? {
        unsafe nftnl_expr_get_str(expression, UInt16(attribute)).map {
            unsafe String(cString: $0)
        }
    }
}
