import CMnl
import CNftnl
import Glibc
import Rtnetlink

/// The number that the kernel counts up with every change of the namespace's nftables rules.
enum RulesetGeneration {
    /// The current number (NFT_MSG_GETGEN); nil when the kernel won't say.
    static func current() -> UInt32? {
        var number: UInt32?
        do {
            let socket = try MnlSocket(.netfilter)
            try unsafe socket.request { memory in
                let type = UInt16(NFT_MSG_GETGEN.rawValue)
                let flags = UInt16(NLM_F_ACK)
                return unsafe nftnl_nlmsg_build_hdr(
                    memory, type, UInt16(AF_UNSPEC), flags, 1)
            } receive: { message in
                guard let generation = unsafe nftnl_gen_alloc() else { return }
                defer { unsafe nftnl_gen_free(generation) }
                if unsafe nftnl_gen_nlmsg_parse(message, generation) == 0 {
                    number = unsafe nftnl_gen_get_u32(generation, UInt16(NFTNL_GEN_ID))
                }
            }
        } catch {
            return nil
        }
        return number
    }
}
