package import FaultPoints
import Glibc

/// The reason why a file can't be read to its end.
package enum ReadFailure: Error, Hashable, Sendable {
    /// An errno(3) value.
    case system(code: Int32)
    case tooLarge(limit: Int)

    package var reason: String {
        switch self {
        case .system(let code): unsafe String(cString: strerror(code))
        case .tooLarge(let limit): "it is larger than \(limit >> 20) MiB"
        }
    }

    /// Whether the file doesn't exist.
    package var isAbsence: Bool { self == .system(code: ENOENT) }
}

/// Reads files; there is no other loop around read(2).
package enum FileBytes {
    /// Returns all bytes from the descriptor's position to the end of the file.
    ///
    /// `size` is the expected number of bytes, 0 if unknown. Throws `tooLarge` if the file exceeds
    /// `limit`.
    package static func read(
        from descriptor: Int32, upTo limit: Int, expecting size: Int = 0,
        step: SystemStep = .fileRead
    ) throws(ReadFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        // One byte more than expected, so that read(2) can report the end without a larger buffer.
        bytes.reserveCapacity(size > 0 ? size + 1 : leastRoom)
        while true {
            let left = bytes.capacity - bytes.count
            let room = left > 0 ? left : max(bytes.count, leastRoom)
            var count = 0
            var code: Int32 = 0
            bytes.append(addingCapacity: room) { span in
                unsafe span.withUnsafeMutableBufferPointer { buffer, initialized in
                    count = systemCall(step) {
                        unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                    }
                    code = errno
                    initialized = max(0, count)
                }
            }
            if count == 0 { return bytes }
            guard count > 0 || code == EINTR else { throw .system(code: code) }
            guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        }
    }

    /// The buffer's initial size in bytes if the file's size is unknown.
    private static let leastRoom = 1 << 14
}
