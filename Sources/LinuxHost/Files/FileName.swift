import FaultPoints
import Glibc

/// Changes what a name leads to, at once: a reader finds the old file or the new one.
package enum FileName {
    /// Gives the file at `path` the name `name`, in place of what has that name.
    ///
    /// A symbolic link of that name is replaced, not followed.
    package static func move(_ path: String, over name: String) throws(HostFileError) {
        let moved = systemCall(.fileRename) { unsafe rename(path, name) }
        guard moved == 0 else { throw HostFileError(name, .replace, .init(errno)) }
        try settle(name)
    }

    /// Makes `name` a symbolic link to `target`, in place of what has that name.
    package static func link(_ name: String, to target: String) throws(HostFileError) {
        let temporary = name + ".tproxy-link"
        _ = unsafe unlink(temporary)
        let made = systemCall(.fileCreate) { unsafe symlink(target, temporary) }
        guard made == 0 else { throw HostFileError(name, .write, .init(errno)) }
        try move(temporary, over: name)
    }

    /// Makes a folder; one that exists stays as it is.
    package static func makeFolder(_ path: String, mode: UInt32) throws(HostFileError) {
        let made = systemCall(.folderMake) { unsafe mkdir(path, mode) }
        guard made == 0 || errno == EEXIST else {
            throw HostFileError(path, .write, .init(errno))
        }
    }

    /// Removes a folder if it is empty.
    package static func removeFolder(_ path: String) {
        _ = systemCall(.fileDelete) { unsafe rmdir(path) }
    }

    /// Removes what has the name, if it isn't a folder.
    package static func remove(_ path: String) throws(HostFileError) {
        let removed = systemCall(.fileDelete) { unsafe unlink(path) }
        guard removed == 0 || errno == ENOENT else {
            throw HostFileError(path, .delete, .init(errno))
        }
    }

    private static func settle(_ name: String) throws(HostFileError) {
        let end = name.lastIndex(of: "/") ?? name.startIndex
        let folder = end > name.startIndex ? String(name[..<end]) : "."
        guard let descriptor = Descriptor(AT_FDCWD, folder, O_RDONLY | O_DIRECTORY) else {
            throw HostFileError(name, .settle, .init(errno))
        }
        // Some file systems can't sync a folder, and need no sync.
        guard systemCall(.folderSync, { fsync(descriptor.number) }) == 0 || errno == EINVAL else {
            throw HostFileError(name, .settle, .init(errno))
        }
    }
}

/// What tells whether a name still leads to the same, unchanged file.
package struct FileStamp: Hashable, Sendable {
    package let isRegular: Bool
    private let device: UInt
    private let number: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// Reads the stamp of a name, without following a symbolic link; nil if nothing has the name.
    package init?(_ path: String) {
        var status = stat()
        guard systemCall(.fileStatus, { unsafe lstat(path, &status) }) == 0 else { return nil }
        isRegular = status.kind == S_IFREG
        device = UInt(status.st_dev)
        number = UInt(status.st_ino)
        size = status.st_size
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
