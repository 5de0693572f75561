import CMnl
import FaultPoints
import Glibc

/// A group of nfnetlink_log, which one socket of a network namespace can bind.
///
/// Binding needs CAP_NET_ADMIN over the namespace, and ends with the socket.
extension MnlSocket {
    /// The result of binding a group.
    package enum Binding: Hashable, Sendable {
        case bound
        /// Another socket has bound it.
        case held
        /// The kernel has no nfnetlink_log, or this process may not use it.
        case unavailable
    }

    /// Binds this socket, which must be a netfilter socket, to the group.
    package func bind(logGroup group: UInt16) throws(NetlinkError) -> Binding {
        do throws(NetlinkError) {
            try systemCall(.namespaceLock, failing: NetlinkError.refuse) {
                () throws(NetlinkError) in try configure(group, .bind)
            }
            return .bound
        } catch {
            switch error.code {
            case EEXIST: return .held
            // Returned for a group of another socket, and for a process without CAP_NET_ADMIN.
            case EPERM: return mayConfigure(beside: group) ? .held : .unavailable
            // Returned by nfnetlink for a missing subsystem, and by kernels without nfnetlink.
            case EINVAL, EOPNOTSUPP, EPROTONOSUPPORT, ENOENT: return .unavailable
            case _: throw error
            }
        }
    }

    package func unbind(logGroup group: UInt16) throws(NetlinkError) {
        try configure(group, .unbind)
    }

    /// NFULNL_CFG_CMD_* of <linux/netfilter/nfnetlink_log.h>.
    private enum Command: UInt32 {
        case bind = 1
        case unbind = 2
    }

    /// NFNL_SUBSYS_ULOG and NFULNL_MSG_CONFIG.
    private static let messageType: UInt32 = 4 << 8 | 1
    /// NFULA_CFG_CMD.
    private static let commandAttribute: UInt32 = 1

    /// Whether this process may unbind a group that no socket has bound (ENODEV).
    private func mayConfigure(beside group: UInt16) -> Bool {
        do throws(NetlinkError) {
            try configure(group &- 1, .unbind)
            return true
        } catch {
            return error.code == ENODEV
        }
    }

    private func configure(_ group: UInt16, _ command: Command) throws(NetlinkError) {
        // nlmsghdr, nfgenmsg with the group in network order, and one attribute of five bytes.
        let flags = UInt32(NLM_F_REQUEST | NLM_F_ACK)
        let query: [UInt32] = [
            28, Self.messageType | flags << 16, 1, 0,
            UInt32(group.bigEndian) << 16,
            5 | Self.commandAttribute << 16, command.rawValue.littleEndian,
        ]
        try self.query(query) { _ in }
    }
}
