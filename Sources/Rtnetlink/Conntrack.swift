import CMnl
import Glibc

/// The connections that the calling thread's network namespace knows of.
package enum Conntrack {
    /// Forgets all of them, as conntrack(8) `--flush` does.
    package static func flush() throws(NetlinkError) {
        try unsafe MnlSocket(.netfilter).request { memory in
            let message = unsafe RouteMessage.begin(
                memory,
                Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(IPCTNL_MSG_CT_DELETE.rawValue), flags: 0,
                headerSize: MemoryLayout<nfgenmsg>.size)
            return unsafe message
        }
    }
}
