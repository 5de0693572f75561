import CMnl
import Glibc

/// The progress of an answer, and its end.
struct AnswerReading {
    /// Whether a dump must be consistent.
    private let isWhole: Bool
    private var isInterrupted = false
    /// The end as 0 or an errno(3) value; nil while more messages follow.
    private(set) var end: Int32?

    init(isWhole: Bool) {
        self.isWhole = isWhole
    }

    /// Reads the next message, header included; returns whether it is part of the answer's content.
    mutating func take(_ message: ArraySlice<UInt32>) -> Bool {
        guard end == nil else { return false }
        let header = message[message.startIndex + 1]
        if Int32(header >> 16) & NLM_F_DUMP_INTR != 0 { isInterrupted = true }
        switch Int32(header & 0xFFFF) {
        case NLMSG_ERROR: end = Self.code(in: message) ?? EBADMSG
        case NLMSG_DONE:
            if let code = Self.code(in: message), code > 0 {
                end = code
            } else {
                end = isInterrupted && isWhole ? EINTR : 0
            }
        case _: return true
        }
        return false
    }

    /// Returns the errno(3) value of an error or of a dump's end; nil if it is missing.
    ///
    /// The kernel negates the value.
    private static func code(in message: ArraySlice<UInt32>) -> Int32? {
        guard message.count > 4 else { return nil }
        return 0 &- Int32(bitPattern: message[message.startIndex + 4])
    }
}
