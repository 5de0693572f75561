import CMnl
package import Netlink

/// The kernel's notifications of changed rules in the network namespace where it was made.
///
/// They don't say whether a rule is lost, only that it is time to compare. Lost notifications count
/// as well.
package final class RuleNotifications {
    private let socket: MnlSocket

    /// Starts to listen in the namespace of the calling thread.
    package init() throws(NetlinkError) {
        socket = try MnlSocket(.netfilter)
        try socket.join(group: NFNLGRP_NFTABLES.rawValue, room: nil)
    }

    /// Readable as soon as rules were changed.
    package var descriptor: Int32 { socket.descriptor }

    /// Takes all notifications.
    package func takeAll() {
        // An error is one of this socket, as if notifications were lost.
        try? socket.eachWaitingMessage { _ in }
    }
}
