import FaultPoints
import Glibc

/// A file of the kernel's, in /proc or /sys: it has no size before it is read.
///
/// Other small files are read the same way where any kind of file will do.
package enum KernelFile {
    /// Far more than tables of sockets and of connections have.
    private static let defaultLimit = 64 << 20

    /// All of it as text, unless it is larger than `limit` bytes.
    package static func contents(
        of path: String, upTo limit: Int = Self.defaultLimit
    ) throws(ReadFailure) -> String {
        String(decoding: try bytes(of: path, upTo: limit), as: UTF8.self)
    }

    package static func bytes(
        of path: String, upTo limit: Int = Self.defaultLimit
    ) throws(ReadFailure) -> [UInt8] {
        // A pipe without a writer would block without O_NONBLOCK.
        let file = systemCall(.fileOpen) {
            unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        }
        guard file >= 0 else { throw .system(code: errno) }
        defer { close(file) }
        return try FileBytes.read(from: file, upTo: limit)
    }

    /// What a symbolic link of the kernel's says: `net:[4026531840]`.
    package static func target(of link: String) throws(ReadFailure) -> String {
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = unsafe KernelFolder.target(of: link, in: AT_FDCWD, &buffer)
        guard count >= 0 else { throw .system(code: errno) }
        return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
}
