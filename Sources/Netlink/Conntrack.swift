import CMnl
import FaultPoints
import Glibc

/// The connections that the calling thread's network namespace knows of.
///
/// Needs CAP_NET_ADMIN. The kernel loads nf_conntrack_netlink when it is asked; one that doesn't have it
/// answers with EINVAL.
package enum Conntrack {
    /// Which of several entries the kernel made.
    package struct Insertion: Sendable {
        package var inserted: [ConntrackEntry] = []
        /// How many it refused, other than those that it had.
        package var refused = 0
        package var reason: NetlinkError?
    }

    /// Forgets all of them, as conntrack(8) `--flush` does.
    package static func flush() throws(NetlinkError) {
        try unsafe MnlSocket(.netfilter).request { memory in
            let message = unsafe RouteMessage.begin(
                memory, type(IPCTNL_MSG_CT_DELETE), flags: 0,
                headerSize: MemoryLayout<nfgenmsg>.size)
            return unsafe message
        }
    }

    /// Makes entries, which the kernel forgets after `seconds` without a packet.
    ///
    /// An entry of the same addresses and ports, in either direction, stays as it is.
    package static func insert(
        _ entries: [ConntrackEntry], seconds: (ConntrackEntry) -> UInt32
    ) -> Insertion {
        var insertion = Insertion()
        let answers: [Int32?]
        do throws(NetlinkError) {
            answers = try unsafe ask(
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

    /// Forgets entries; one that is gone already is no error.
    package static func delete(_ entries: [ConntrackEntry]) throws(NetlinkError) {
        _ = try unsafe ask(entries, IPCTNL_MSG_CT_DELETE, flags: NLM_F_ACK) { entry, message in
            unsafe entry.write(message, CTA_TUPLE_ORIG)
        }
    }

    /// For each entry, whether the kernel has one of its addresses and ports, in either direction.
    package static func isTracking(_ entries: [ConntrackEntry]) throws(NetlinkError) -> [Bool] {
        // Those that are there are answered with themselves, which is no acknowledgement.
        let answers = try unsafe ask(entries, IPCTNL_MSG_CT_GET, flags: 0) { entry, message in
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

    /// The kernel's code for each entry's message; nil where it has none.
    private static func ask(
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

    /// So many that the answers, of a page each, find room.
    private static let atOnce = 128

    private static func type(_ message: cntl_msg_types) -> Int {
        Int(NFNL_SUBSYS_CTNETLINK) << 8 | Int(message.rawValue)
    }
}
