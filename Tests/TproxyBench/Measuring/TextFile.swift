import Glibc
import LinuxHost

/// Text files, read whole or line by line, and written in pieces.
enum TextFile {
    static func read(_ path: String) throws(BenchError) -> String {
        do throws(ReadFailure) {
            return try KernelFile.contents(of: path)
        } catch {
            throw .system(step: "reading \(path)", reason: error.reason)
        }
    }

    /// Reads line by line, without keeping all lines in memory.
    static func forEachLine(
        _ path: String, _ body: (Substring) -> Void
    ) throws(BenchError) {
        var rest: [UInt8] = []
        try forEachPiece(path) { piece in
            rest += piece
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return }
            for line in String(decoding: rest[..<end], as: UTF8.self).split(separator: "\n") {
                body(line)
            }
            rest.removeSubrange(...end)
        }
        if !rest.isEmpty { body(Substring(String(decoding: rest, as: UTF8.self))) }
    }

    private static func forEachPiece(
        _ path: String, _ body: (ArraySlice<UInt8>) -> Void
    ) throws(BenchError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .system(step: "reading \(path)", reason: BenchError.lastReason)
        }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { break }
            body(buffer.prefix(count))
        }
    }

    /// Writes what `body` passes to its argument, without keeping all of it in memory.
    static func write(
        _ path: String, _ body: ((String) -> Void) -> Void
    ) throws(BenchError) {
        let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw .system(step: "writing \(path)", reason: BenchError.lastReason)
        }
        var pending: [UInt8] = []
        var isWhole = true
        func flush() {
            var rest = pending[...]
            while isWhole, !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
                }
                isWhole = count > 0
                rest = rest.dropFirst(max(count, 0))
            }
            pending.removeAll(keepingCapacity: true)
        }
        body { text in
            pending += text.utf8
            if pending.count >= 1 << 16 { flush() }
        }
        flush()
        guard close(descriptor) == 0, isWhole else {
            throw .system(step: "writing \(path)", reason: BenchError.lastReason)
        }
    }

    static func write(_ path: String, _ text: String) throws(BenchError) {
        try write(path) { $0(text) }
    }
}
