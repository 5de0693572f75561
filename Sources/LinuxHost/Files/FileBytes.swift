package import FaultPoints
import Glibc

/// Why a file could not be read to its end.
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

    /// Whether there is no such file.
    package var isAbsence: Bool { self == .system(code: ENOENT) }
}

/// The one loop that reads a file.
package enum FileBytes {
    /// All bytes from the descriptor's position to the end of the file, unless they are more than `limit`.
    ///
    /// `size` is how many there will be, where that is known.
    package static func read(
        from descriptor: Int32, upTo limit: Int, expecting size: Int = 0,
        step: SystemStep = .fileRead
    ) throws(ReadFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        // A byte more than there is, so that the end is seen without more room.
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

    /// Where the size isn't known.
    private static let leastRoom = 1 << 14
}
