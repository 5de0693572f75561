import RuleIR
import Netlink

/// One try to have a group of nfnetlink_log for oneself.
struct GroupLock: ~Copyable {
    private let socket: MnlSocket
    private let group: UInt16
    private let binding: MnlSocket.Binding

    /// Throws where neither "yes" nor "no" can be had of the kernel.
    init(_ group: UInt16) throws(BackendError) {
        do throws(NetlinkError) {
            let socket = try MnlSocket(.netfilter)
            let binding = try socket.bind(logGroup: group)
            self.socket = socket
            self.binding = binding
            self.group = group
        } catch {
            throw .busy(attempts: 1, reason: "can't lock the network namespace: \(error.reason)")
        }
    }

    var isHeldElsewhere: Bool { binding == .held }

    /// Lets go.
    ///
    /// The socket itself is closed at the process's end, since that may wait for the kernel.
    consuming func release() {
        guard binding == .bound, (try? socket.unbind(logGroup: group)) != nil else { return }
        socket.leaveOpen(.lock)
    }
}
