import CMnl
import CNftnl
import Glibc
import Rtnetlink

/// The number that the kernel counts up with every change of the namespace's nftables rules.
enum RulesetGeneration {
    /// The current number (NFT_MSG_GETGEN); nil when the kernel doesn't say.
    static func current(_ socket: borrowing MnlSocket) throws(NetlinkError) -> UInt32? {
        var number: UInt32?
        try unsafe socket.request { memory in
            let type = UInt16(NFT_MSG_GETGEN.rawValue)
            return unsafe nftnl_nlmsg_build_hdr(
                memory, type, UInt16(AF_UNSPEC), UInt16(NLM_F_ACK), 1)
        } receive: { message in
            guard let generation = unsafe nftnl_gen_alloc() else { return }
            defer { unsafe nftnl_gen_free(generation) }
            if unsafe nftnl_gen_nlmsg_parse(message, generation) == 0 {
                number = unsafe nftnl_gen_get_u32(generation, UInt16(NFTNL_GEN_ID))
            }
        }
        return number
    }
}
