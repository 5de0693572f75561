import FaultPoints
import Glibc

/// Reads a folder of /proc or /sys, such as /proc/PID/fd.
package enum KernelFolder {
    /// Returns the names in the folder, except those that begin with a dot.
    package static func names(in path: String) throws(ReadFailure) -> [String] {
        var names: [String] = []
        try unsafe forEachName(in: path) { _, name in
            unsafe names.append(String(cString: name))
        }
        return names
    }

    /// Calls `body` with the target of each symbolic link; skips links that have disappeared.
    ///
    /// Throws EACCES if a link may not be read.
    package static func forEachTarget(
        in path: String, _ body: (ArraySlice<UInt8>) -> Void
    ) throws(ReadFailure) {
        var buffer = [UInt8](repeating: 0, count: 256)
        try unsafe forEachName(in: path) { (folder, name) throws(ReadFailure) in
            let count = unsafe target(of: name, in: folder, &buffer)
            if count >= 0 {
                body(buffer.prefix(count))
            } else if errno == EACCES {
                throw .system(code: EACCES)
            }
        }
    }

    /// Reads a link with readlinkat(2); returns the length, or -1 with errno set.
    static func target(
        of name: UnsafePointer<CChar>, in folder: Int32, _ buffer: inout [UInt8]
    ) -> Int {
        unsafe buffer.withUnsafeMutableBytes { bytes in
            guard let start = unsafe bytes.assumingMemoryBound(to: CChar.self).baseAddress
            else { return -1 }
            return systemCall(.fileStatus) {
                unsafe readlinkat(folder, name, start, bytes.count)
            }
        }
    }

    /// Calls `body` with the folder's descriptor and each name.
    private static func forEachName(
        in path: String, _ body: (Int32, UnsafePointer<CChar>) throws(ReadFailure) -> Void
    ) throws(ReadFailure) {
        let opened = unsafe systemCall(.fileOpen) { unsafe opendir(path) }
        guard let stream = unsafe opened else { throw .system(code: errno) }
        defer { unsafe closedir(stream) }
        let folder = unsafe dirfd(stream)
        while let entry = unsafe readdir(stream) {
            try unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                (pointer) throws(ReadFailure) in
                try unsafe pointer.withMemoryRebound(
                    to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)
                ) { (name) throws(ReadFailure) in
                    guard unsafe name[0] != CChar(bitPattern: UInt8(ascii: ".")) else { return }
                    try unsafe body(folder, name)
                }
            }
        }
    }
}
