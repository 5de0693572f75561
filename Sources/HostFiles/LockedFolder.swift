import FaultPoints
import Glibc

/// The folder of a file, held against other tproxy processes.
///
/// The lock is an flock(2) on the folder: on the file it would be on what the rename takes away. It
/// leaves nothing behind and ends with the process. Where the file system has no such lock there is
/// none, and only the look before the rename is left.
struct LockedFolder: ~Copyable {
    let descriptor: Descriptor
    /// The last part of the path, where symbolic links lead.
    let name: String
    /// Whether nobody else is at work here.
    let isLocked: Bool

    private init(_ descriptor: consuming Descriptor, _ name: String, isLocked: Bool) {
        self.descriptor = descriptor
        self.name = name
        self.isLocked = isLocked
    }

    /// Waits for others as long as `file` says.
    static func hold(for file: HostFile) throws(HostFileError) -> LockedFolder {
        let target = try target(of: file)
        let slash = target.lastIndex(of: "/")
        let name = slash.map { String(target[target.index(after: $0)...]) } ?? target
        let path = slash.map { $0 == target.startIndex ? "/" : String(target[..<$0]) } ?? "."
        guard !name.isEmpty, name != ".", name != ".." else {
            throw HostFileError(file.path, .find, .isDirectory)
        }
        guard let descriptor = Descriptor(AT_FDCWD, path, O_RDONLY | O_DIRECTORY) else {
            throw HostFileError(file.path, .find, HostFileError.Cause(errno))
        }
        let isLocked = try lock(descriptor.number, for: file)
        return LockedFolder(descriptor, name, isLocked: isLocked)
    }

    private static func lock(_ folder: Int32, for file: HostFile) throws(HostFileError) -> Bool {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: file.patience)
        while systemCall(.folderLock, { flock(folder, LOCK_EX | LOCK_NB) }) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { return false }
            guard clock.now < end else { throw HostFileError(file.path, .lock, .busy) }
            usleep(10_000)
        }
        return true
    }

    /// Follows symbolic links, also to where there is no file yet.
    private static func target(of file: HostFile) throws(HostFileError) -> String {
        var path = file.path
        for _ in 0..<maximumLinks {
            var status = stat()
            let found = systemCall(.fileStatus) { unsafe lstat(path, &status) }
            guard found == 0, status.kind == S_IFLNK else { return path }
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
            let count = systemCall(.fileStatus) { unsafe readlink(path, &buffer, buffer.count) }
            guard count > 0 else {
                throw HostFileError(file.path, .find, HostFileError.Cause(errno))
            }
            let link = String(
                decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
            if link.hasPrefix("/") {
                path = link
            } else {
                path = (path.lastIndex(of: "/").map { String(path[...$0]) } ?? "") + link
            }
        }
        throw HostFileError(file.path, .find, HostFileError.Cause(ELOOP))
    }

    /// As many as the kernel follows (`MAXSYMLINKS`).
    private static let maximumLinks = 40
}
