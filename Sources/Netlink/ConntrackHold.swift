import CMnl
import Glibc

/// Keeps conntrack active in the calling thread's network namespace until it is closed.
///
/// The kernel tracks connections while a rule requires it. This rule is in a chain that no packet
/// reaches, in a table that the socket owns (NFT_TABLE_F_OWNER, Linux 5.12). The table disappears
/// with the process, however that ends.
package struct ConntrackHold: ~Copyable {
    private static let table = "tproxy-conntrack"
    private static let chain = "hold"

    private let socket: MnlSocket

    package init() throws(NetlinkError) {
        let socket = try MnlSocket(.netfilter)
        let answers = try socket.send(Self.messages.words)
        // The last message is acknowledged on success.
        guard !answers.isEmpty else { throw NetlinkError(code: ENOBUFS) }
        if let refused = answers.first(where: { $0.code != 0 }) {
            throw NetlinkError(code: refused.code)
        }
        self.socket = socket
    }

    private static var messages: NetfilterMessages {
        var messages = NetfilterMessages()
        let resource = UInt16(NFNL_SUBSYS_NFTABLES)
        unsafe messages.add(Int(NFNL_MSG_BATCH_BEGIN), flags: 0, resource: resource, number: 0)
        unsafe messages.add(
            type(NFT_MSG_NEWTABLE), flags: NLM_F_CREATE | NLM_F_EXCL, family: inet, number: 1
        ) { message in
            unsafe put(message, NFTA_TABLE_NAME, table)
            unsafe put(message, NFTA_TABLE_FLAGS, NFT_TABLE_F_OWNER.rawValue)
        }
        unsafe messages.add(type(NFT_MSG_NEWCHAIN), flags: NLM_F_CREATE, family: inet, number: 2) {
            message in
            unsafe put(message, NFTA_CHAIN_TABLE, table)
            unsafe put(message, NFTA_CHAIN_NAME, chain)
        }
        unsafe messages.add(
            type(NFT_MSG_NEWRULE), flags: NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK, family: inet,
            number: 3
        ) { message in
            unsafe put(message, NFTA_RULE_TABLE, table)
            unsafe put(message, NFTA_RULE_CHAIN, chain)
            unsafe nest(message, NFTA_RULE_EXPRESSIONS) {
                unsafe nest(message, NFTA_LIST_ELEM) {
                    unsafe put(message, NFTA_EXPR_NAME, "ct")
                    unsafe nest(message, NFTA_EXPR_DATA) {
                        unsafe put(message, NFTA_CT_KEY, NFT_CT_STATE.rawValue)
                        unsafe put(message, NFTA_CT_DREG, NFT_REG32_00.rawValue)
                    }
                }
            }
        }
        unsafe messages.add(Int(NFNL_MSG_BATCH_END), flags: 0, resource: resource, number: 4)
        return messages
    }

    /// NFPROTO_INET of <linux/netfilter.h>, a header that conflicts with glibc's.
    private static let inet: Int32 = 1

    private static func type(_ message: nf_tables_msg_types) -> Int {
        Int(NFNL_SUBSYS_NFTABLES) << 8 | Int(message.rawValue)
    }

    private static func put(
        _ message: UnsafeMutablePointer<nlmsghdr>, _ name: some RawRepresentable<UInt32>,
        _ text: String
    ) {
        unsafe mnl_attr_put_strz(message, UInt16(name.rawValue), text)
    }

    private static func put(
        _ message: UnsafeMutablePointer<nlmsghdr>, _ name: some RawRepresentable<UInt32>,
        _ number: UInt32
    ) {
        unsafe mnl_attr_put_u32(message, UInt16(name.rawValue), number.bigEndian)
    }
}
