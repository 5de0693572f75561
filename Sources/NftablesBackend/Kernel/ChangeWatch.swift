import CMnl
import Netlink
import RuleIR

/// Tells whether one table stayed as it was while others were changed.
///
/// The number of the generation, and the mark of a dump that was interrupted, are for all tables of the
/// namespace. The kernel tells a listener of each change, and at the end of a transaction which generation
/// it made. So what was read is good if every change up to the present generation was of another table.
final class ChangeWatch {
    private let notifications: MnlSocket
    private let table: String
    /// Up to which generation the table was seen to stay.
    private(set) var generation: UInt32

    /// Changes that come after this are noticed; those of `socket` itself are none.
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

    /// The present generation; throws where the table was changed, or may have been.
    func follow(_ socket: borrowing MnlSocket) throws(KernelFailure) -> UInt32 {
        guard let present = try socket.generation() else { throw .outdated }
        let port = socket.port
        var memory = MnlSocket.memoryOfADatagram
        var isOurs = false
        // The kernel tells of a generation some time after it has begun.
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

    /// The table's name is the first attribute of every message; one without it may be about any.
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
