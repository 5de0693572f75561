import Glibc

/// A file that is about to be replaced, kept open.
///
/// A program that opened it before the rename may still write into it, and that would be lost with
/// the old file.
package final class FormerFile {
    private let descriptor: Descriptor
    private let bytes: [UInt8]

    /// Opens the file; nil if it can't be read.
    package init?(_ path: String) {
        guard let descriptor = Descriptor(AT_FDCWD, path, O_RDONLY | O_NONBLOCK),
            let bytes = Self.content(of: descriptor)
        else { return nil }
        self.descriptor = descriptor
        self.bytes = bytes
    }

    /// Returns the content if it was changed since the file was opened.
    package var laterContent: [UInt8]? {
        guard let content = Self.content(of: descriptor), content != bytes else { return nil }
        return content
    }

    private static func content(of descriptor: borrowing Descriptor) -> [UInt8]? {
        guard lseek(descriptor.number, 0, SEEK_SET) == 0 else { return nil }
        return try? FileBytes.read(from: descriptor.number, upTo: HostFile.defaultLimit)
    }
}
