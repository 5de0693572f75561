import FaultPoints
import Glibc

/// A file of the kernel's, which has no size before it is read.
package enum KernelFile {
    package struct Unreadable: Error {
        /// An errno(3) value.
        package var code: Int32

        package var reason: String { unsafe String(cString: strerror(code)) }
    }

    /// All of it.
    package static func contents(of path: String) throws(Unreadable) -> String {
        let file = systemCall(.fileOpen) { unsafe open(path, O_RDONLY | O_CLOEXEC) }
        guard file >= 0 else { throw Unreadable(code: errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = systemCall(.fileRead) { unsafe read(file, &buffer, buffer.count) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            guard count > 0 || errno == EINTR else { throw Unreadable(code: errno) }
            bytes += buffer.prefix(max(0, count))
        }
    }
}
