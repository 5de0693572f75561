import FaultPoints
import Glibc

/// Reads a file of /proc or /sys, whose size is unknown before it is read.
///
/// It also reads other small files where any kind of file is allowed.
package enum KernelFile {
    /// The default limit in bytes, far above tables of sockets and of connections.
    private static let defaultLimit = 64 << 20

    /// Returns the whole file as text; throws if it exceeds `limit` bytes.
    package static func contents(
        of path: String, upTo limit: Int = Self.defaultLimit
    ) throws(ReadFailure) -> String {
        String(decoding: try bytes(of: path, upTo: limit), as: UTF8.self)
    }

    package static func bytes(
        of path: String, upTo limit: Int = Self.defaultLimit
    ) throws(ReadFailure) -> [UInt8] {
        // Without O_NONBLOCK, opening a pipe without a writer would block.
        guard let file = Descriptor(AT_FDCWD, path, O_RDONLY | O_NONBLOCK) else {
            throw .system(code: errno)
        }
        return try FileBytes.read(from: file.number, upTo: limit)
    }

    /// Returns the target of a symbolic link in /proc, such as `net:[4026531840]`.
    package static func target(of link: String) throws(ReadFailure) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe KernelFolder.target(of: link, in: AT_FDCWD, &buffer)
        guard count >= 0 else { throw .system(code: errno) }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
