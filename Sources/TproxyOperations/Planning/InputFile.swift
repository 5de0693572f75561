import Diagnostics
import FaultPoints
import Glibc
import LinuxHost

/// An input file named by the user, read as a whole.
package struct InputFile {
    /// The default maximum size; larger files are refused to limit memory.
    package static let maximumSize = 8 << 20

    /// The path as the user gave it, or `<stdin>`.
    package var name: String
    package var text: String

    package init(name: String, text: String) {
        self.name = name
        self.text = text
    }

    /// Reads at most `limit` bytes of `path`, or of standard input for `-`.
    package init(_ path: String, limit: Int = Self.maximumSize) throws(OperationFailure) {
        name = path == "-" ? "<stdin>" : path
        let descriptor = systemCall(.fileOpen) {
            path == "-" ? dup(STDIN_FILENO) : unsafe open(path, O_RDONLY | O_CLOEXEC)
        }
        guard descriptor >= 0 else {
            throw Self.failure(name, ReadFailure.system(code: errno).reason)
        }
        defer { close(descriptor) }
        var status = stat()
        if unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw Self.failure(name, "it is a directory")
        }
        let expected = min(limit, Int(clamping: status.st_size))
        LongInputMemory.expect(inputOf: expected)
        let bytes: [UInt8]
        do throws(ReadFailure) {
            bytes = try FileBytes.read(from: descriptor, upTo: limit, expecting: expected)
        } catch {
            throw Self.failure(name, error.reason)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Self.failure(name, "it is not UTF-8 text")
        }
        self.text = text
    }

    private static func failure(_ name: String, _ reason: String) -> OperationFailure {
        OperationFailure(.unreadableFile(name, because: reason))
    }
}
