import FaultPoints
import Glibc

/// Searches a large file, such as a program, part by part.
package enum FileSearch {
    private static let partSize = 1 << 20

    /// Returns at most `count` bytes behind the first occurrence of `pattern`; nil if there is none.
    ///
    /// It is fast if the last byte of `pattern` is rare in the file.
    package static func bytes(
        after pattern: [UInt8], in path: String, count: Int
    ) throws(ReadFailure) -> [UInt8]? {
        guard let file = Descriptor(AT_FDCWD, path, O_RDONLY | O_NONBLOCK) else {
            throw .system(code: errno)
        }
        var kept: [UInt8] = []
        while true {
            var part = [UInt8](repeating: 0, count: partSize)
            let length = unsafe part.withUnsafeMutableBytes { bytes in
                systemCall(.fileRead) {
                    unsafe Glibc.read(file.number, bytes.baseAddress, bytes.count)
                }
            }
            if length < 0, errno == EINTR { continue }
            guard length >= 0 else { throw .system(code: errno) }
            let bytes = kept + part.prefix(length)
            if let end = end(of: pattern, in: bytes) {
                // At the end of the file, there are no more bytes behind it.
                if bytes.count - end >= count || length == 0 {
                    return Array(bytes[end...].prefix(count))
                }
                kept = Array(bytes[(end - pattern.count)...])
                continue
            }
            guard length > 0 else { return nil }
            kept = bytes.suffix(pattern.count)
        }
    }

    private static func end(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard let last = pattern.last else { return 0 }
        return unsafe bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return nil }
            var place = 0
            while place < buffer.count {
                let rest = buffer.count - place
                guard let found = unsafe memchr(start + place, Int32(last), rest) else {
                    return nil
                }
                let end = unsafe UnsafeRawPointer(found) - start + 1
                if end >= pattern.count,
                    unsafe memcmp(start + end - pattern.count, pattern, pattern.count) == 0
                {
                    return end
                }
                place = end
            }
            return nil
        }
    }
}
