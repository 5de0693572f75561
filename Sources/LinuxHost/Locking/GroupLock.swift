import Netlink
import RuleIR

/// One attempt to bind a group of nfnetlink_log as a lock.
struct GroupLock: ~Copyable {
    private let socket: MnlSocket
    private let group: UInt16
    private let binding: MnlSocket.Binding

    /// Binds the group; throws if the kernel doesn't report whether it is held.
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

    /// Releases the lock.
    ///
    /// The socket itself is closed when the process ends, since closing may wait for the kernel.
    consuming func release() {
        guard binding == .bound, (try? socket.unbind(logGroup: group)) != nil else { return }
        socket.closeLater(.lock)
    }
}
