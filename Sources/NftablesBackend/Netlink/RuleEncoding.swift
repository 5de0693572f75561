import CMnl
import CNftnl
import Glibc
import RuleIR

extension Expression {
    /// Writes the expression as an item of a list.
    func write(to writer: inout MessageWriter) {
        writer.nest(NFTA_LIST_ELEM) { writer in
            writer.put(NFTA_EXPR_NAME, text: name)
            writer.nest(NFTA_EXPR_DATA) { writeData(to: &$0) }
        }
    }

    private func writeData(to writer: inout MessageWriter) {
        switch self {
        case .meta(let key, let register):
            writer.put(NFTA_META_KEY, key)
            writer.put(NFTA_META_DREG, register)
        case .payload(let field, let register):
            writer.put(NFTA_PAYLOAD_DREG, register)
            writer.put(NFTA_PAYLOAD_BASE, field.base)
            writer.put(NFTA_PAYLOAD_OFFSET, field.offset)
            writer.put(NFTA_PAYLOAD_LEN, field.length)
        case .connection(let key, let register):
            writer.put(NFTA_CT_KEY, key)
            writer.put(NFTA_CT_DREG, register)
        case .mask(let register, let mask):
            writer.put(NFTA_BITWISE_SREG, register)
            writer.put(NFTA_BITWISE_DREG, register)
            writer.put(NFTA_BITWISE_LEN, UInt32(mask.count))
            writer.nest(NFTA_BITWISE_MASK) { $0.put(NFTA_DATA_VALUE, bytes: mask) }
            let nothing = [UInt8](repeating: 0, count: mask.count)
            writer.nest(NFTA_BITWISE_XOR) { $0.put(NFTA_DATA_VALUE, bytes: nothing) }
        case .networkOrder(let register, let length, let size):
            writer.put(NFTA_BYTEORDER_SREG, register)
            writer.put(NFTA_BYTEORDER_DREG, register)
            writer.put(NFTA_BYTEORDER_OP, NFT_BYTEORDER_HTON.rawValue)
            writer.put(NFTA_BYTEORDER_LEN, length)
            writer.put(NFTA_BYTEORDER_SIZE, size)
        case .compare(let register, let comparison, let bytes):
            writer.put(NFTA_CMP_SREG, register)
            writer.put(NFTA_CMP_OP, comparison.number)
            writer.nest(NFTA_CMP_DATA) { $0.put(NFTA_DATA_VALUE, bytes: bytes) }
        case .range(let register, let first, let last, let isNegated):
            writer.put(NFTA_RANGE_SREG, register)
            writer.put(NFTA_RANGE_OP, (isNegated ? NFT_RANGE_NEQ : NFT_RANGE_EQ).rawValue)
            writer.nest(NFTA_RANGE_FROM_DATA) { $0.put(NFTA_DATA_VALUE, bytes: first) }
            writer.nest(NFTA_RANGE_TO_DATA) { $0.put(NFTA_DATA_VALUE, bytes: last) }
        case .lookup(let register, let set, let isNegated):
            writer.put(NFTA_LOOKUP_SREG, register)
            writer.put(NFTA_LOOKUP_SET, text: set)
            if isNegated { writer.put(NFTA_LOOKUP_FLAGS, NFT_LOOKUP_F_INV.rawValue) }
        case .counter: break
        case .log(let prefix, let level):
            writer.put(NFTA_LOG_PREFIX, text: prefix)
            writer.put(NFTA_LOG_LEVEL, level)
        case .value(let register, let bytes):
            writer.put(NFTA_IMMEDIATE_DREG, register)
            writer.nest(NFTA_IMMEDIATE_DATA) { $0.put(NFTA_DATA_VALUE, bytes: bytes) }
        case .verdict(let code, let chain):
            writer.put(NFTA_IMMEDIATE_DREG, Register.verdict)
            writer.nest(NFTA_IMMEDIATE_DATA) { writer in
                writer.nest(NFTA_DATA_VERDICT) { writer in
                    writer.put(NFTA_VERDICT_CODE, UInt32(bitPattern: code))
                    if let chain { writer.put(NFTA_VERDICT_CHAIN, text: chain) }
                }
            }
        case .redirect(let register):
            writer.put(NFTA_REDIR_REG_PROTO_MIN, register)
            writer.put(NFTA_REDIR_FLAGS, Self.portIsGiven)
        case .setZone(let register):
            writer.put(NFTA_CT_KEY, NFT_CT_ZONE.rawValue)
            writer.put(NFTA_CT_SREG, register)
        }
    }

    /// NF_NAT_RANGE_PROTO_SPECIFIED of <linux/netfilter/nf_nat.h>.
    static let portIsGiven: UInt32 = 2
}

extension NftRule {
    /// Writes the attributes of NFT_MSG_NEWRULE.
    func write(in table: String, _ chain: String, to writer: inout MessageWriter) {
        writer.put(NFTA_RULE_TABLE, text: table)
        writer.put(NFTA_RULE_CHAIN, text: chain)
        writer.nest(NFTA_RULE_EXPRESSIONS) { writer in
            for expression in RuleCompilation(statements).expressions {
                expression.write(to: &writer)
            }
        }
        guard let comment else { return }
        writer.put(
            NFTA_RULE_USERDATA,
            bytes: UserData.text(NFTNL_UDATA_RULE_COMMENT.rawValue, comment))
    }
}

extension NftChain {
    /// Writes the attributes of NFT_MSG_NEWCHAIN.
    func write(in table: String, to writer: inout MessageWriter) {
        writer.put(NFTA_CHAIN_TABLE, text: table)
        writer.put(NFTA_CHAIN_NAME, text: name)
        guard let base else { return }
        writer.put(NFTA_CHAIN_TYPE, text: base.type)
        writer.put(NFTA_CHAIN_POLICY, base.kernelPolicy)
        writer.nest(NFTA_CHAIN_HOOK) { writer in
            writer.put(NFTA_HOOK_HOOKNUM, base.hook.number)
            writer.put(NFTA_HOOK_PRIORITY, base.kernelPriority)
        }
    }
}
