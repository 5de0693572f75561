import CMnl
import FaultPoints
import Glibc

/// The conntrack entries of the calling thread's network namespace.
///
/// Needs CAP_NET_ADMIN. The kernel loads nf_conntrack_netlink on request; without the module it
/// answers EINVAL.
package enum Conntrack {
    /// The result of inserting several entries.
    package struct Insertion: Sendable {
        package var inserted: [ConntrackEntry] = []
        /// The number of entries that the kernel refused, without those that existed.
        package var refused = 0
        package var reason: NetlinkError?
    }

    /// Deletes all entries, as conntrack(8) `--flush` does.
    package static func flush() throws(NetlinkError) {
        try unsafe MnlSocket(.netfilter).request { memory in
            let message = unsafe RouteMessage.begin(
                memory, type(IPCTNL_MSG_CT_DELETE), flags: 0,
                headerSize: MemoryLayout<nfgenmsg>.size)
            return unsafe message
        }
    }

    /// Inserts entries, which expire after `seconds` without a packet.
    ///
    /// An existing entry of the same addresses and ports, in either direction, stays unchanged.
    package static func insert(
        _ entries: [ConntrackEntry], seconds: (ConntrackEntry) -> UInt32
    ) -> Insertion {
        var insertion = Insertion()
        let answers: [Int32?]
        do throws(NetlinkError) {
            answers = try unsafe query(
                entries, IPCTNL_MSG_CT_NEW, flags: NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK
            ) { entry, message in
                unsafe entry.writeWhole(message, seconds: seconds(entry))
            }
        } catch {
            return Insertion(refused: entries.count, reason: error)
        }
        for (entry, code) in zip(entries, answers) {
            switch code {
            case 0: insertion.inserted.append(entry)
            case EEXIST: continue
            case _:
                insertion.refused += 1
                insertion.reason = NetlinkError(code: code ?? ENOBUFS)
            }
        }
        return insertion
    }

    /// Deletes entries; an entry that is already gone is no error.
    package static func delete(_ entries: [ConntrackEntry]) throws(NetlinkError) {
        _ = try unsafe query(entries, IPCTNL_MSG_CT_DELETE, flags: NLM_F_ACK) { entry, message in
            unsafe entry.write(message, CTA_TUPLE_ORIG)
        }
    }

    /// Returns, for each entry, whether one of its addresses and ports exists, in either direction.
    package static func isTracking(_ entries: [ConntrackEntry]) throws(NetlinkError) -> [Bool] {
        // Existing entries are answered with the entry, which is no acknowledgement.
        let answers = try unsafe query(entries, IPCTNL_MSG_CT_GET, flags: 0) { entry, message in
            unsafe entry.write(message, CTA_TUPLE_ORIG)
        }
        var isTracked: [Bool] = []
        for code in answers {
            switch code {
            case nil: isTracked.append(true)
            case ENOENT: isTracked.append(false)
            case let code?: throw NetlinkError(code: code)
            }
        }
        return isTracked
    }

    /// Returns the kernel's code for each entry's message; nil if there was no answer.
    private static func query(
        _ entries: [ConntrackEntry], _ type: cntl_msg_types, flags: Int32,
        _ body: (ConntrackEntry, UnsafeMutablePointer<nlmsghdr>) -> Void
    ) throws(NetlinkError) -> [Int32?] {
        let socket = try MnlSocket(.netfilter)
        var codes: [Int32?] = []
        for start in stride(from: 0, to: entries.count, by: atOnce) {
            let part = entries[start..<min(start + atOnce, entries.count)]
            var messages = NetfilterMessages()
            for (number, entry) in part.enumerated() {
                unsafe messages.add(
                    Self.type(type), flags: flags, family: entry.family, number: UInt32(number)
                ) { message in
                    unsafe body(entry, message)
                }
            }
            var partCodes = [Int32?](repeating: nil, count: part.count)
            let words = messages.words
            let received = try systemCall(.conntrackRequest, failing: NetlinkError.refuse) {
                () throws(NetlinkError) in try socket.send(words)
            }
            for answer in received {
                let index = Int(answer.number)
                if partCodes.indices.contains(index) { partCodes[index] = answer.code }
            }
            codes += partCodes
        }
        return codes
    }

    /// The number of messages whose answers, of a page each, fit into the receive buffer.
    private static let atOnce = 128

    private static func type(_ message: cntl_msg_types) -> Int {
        Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(message.rawValue)
    }
}
