import CMnl
import Netlink
import RuleIR

/// Tells whether one table stayed unchanged while others changed.
///
/// The generation number, and the flag of an interrupted dump, cover all tables of the namespace.
/// The kernel notifies listeners of each change, and at the end of a transaction of the new
/// generation. So a reading is valid if every change up to the current generation was of another
/// table.
final class ChangeWatch {
    private let notifications: MnlSocket
    private let table: String
    /// The last generation up to which the table is known to be unchanged.
    private(set) var generation: UInt32

    /// Starts watching; later changes are noticed, except those sent over `socket` itself.
    init(_ table: String, of socket: borrowing MnlSocket) throws(KernelFailure) {
        notifications = try MnlSocket.toNetfilter()
        self.table = table
        do {
            try notifications.join(group: NFNLGRP_NFTABLES.rawValue)
        } catch {
            throw .refused(Refusal(error))
        }
        guard let present = try socket.generation() else { throw .outdated }
        generation = present
    }

    /// Returns the current generation; throws if the table was changed or may have been.
    func follow(_ socket: borrowing MnlSocket) throws(KernelFailure) -> UInt32 {
        guard let present = try socket.generation() else { throw .outdated }
        let port = socket.port
        var memory = MnlSocket.memoryOfADatagram
        var isOurs = false
        // The notification of a generation may arrive some time after the generation began.
        var isReached = generation == present
        while !isReached {
            do {
                try notifications.eachMessage(in: &memory) { message in
                    let attributes = AttributeList(message: message)
                    if message.messageType == NFT_MSG_NEWGEN.rawValue {
                        generation = attributes[NFTA_GEN_ID]?.number ?? 0
                        if generation == present { isReached = true }
                    } else if message.port != port, isAbout(attributes, message.family) {
                        isOurs = true
                    }
                }
            } catch {
                throw .refused(Refusal(error))
            }
        }
        guard !isOurs else { throw .outdated }
        generation = present
        return present
    }

    /// Whether a message concerns the table: its name is the first attribute of every message.
    ///
    /// A message without a name may concern any table.
    private func isAbout(_ attributes: AttributeList, _ family: UInt32) -> Bool {
        guard let name = attributes[NFTA_TABLE_NAME]?.text else { return true }
        return name == table && family == UInt32(LoadedChain.Family.inet.number)
    }
}

// `struct nlmsghdr` and `struct nfgenmsg`.
extension ArraySlice<UInt32> {
    fileprivate var messageType: UInt32 { self[startIndex + 1] & 0xFF }
    fileprivate var port: UInt32 { self[startIndex + 3] }
    fileprivate var family: UInt32 { count > 4 ? self[startIndex + 4] & 0xFF : 0 }
}
