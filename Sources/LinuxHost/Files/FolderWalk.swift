import FaultPoints
import Glibc

/// Opens the path to a file's folder, one component at a time.
///
/// A symbolic link is followed only if no user but root and this one can have made it. In a folder
/// that others can write, such as /tmp, any user may have planted it, and it is refused.
struct FolderWalk: ~Copyable {
    /// The file's folder.
    let descriptor: Descriptor
    /// The file's name in the folder, which is not a symbolic link.
    let name: String
    /// Whether only root and this user can create files in the folder.
    let isPrivate: Bool

    init(to file: HostFile) throws(HostFileError) {
        var rest = Self.parts(of: file.path)
        var links = 0
        var folder = try Self.start(of: file.path, for: file)
        while let part = rest.popLast() {
            let isLast = rest.isEmpty
            if isLast, part == "." || part == ".." {
                throw HostFileError(file.path, .find, .isDirectory)
            }
            if let target = try Self.link(folder.number, part, for: file) {
                guard try Self.isPrivate(folder, for: file) else {
                    throw HostFileError(file.path, .find, .plantedLink(part))
                }
                links += 1
                guard links <= Self.maximumLinks else { throw Self.failure(ELOOP, file) }
                if target.hasPrefix("/") { folder = try Self.start(of: target, for: file) }
                rest += Self.parts(of: target)
                continue
            }
            if isLast {
                // Walking through a folder needs no read permission; opening the last one does.
                guard let own = Descriptor(folder.number, ".", O_RDONLY | O_DIRECTORY) else {
                    throw Self.failure(errno, file)
                }
                let isPrivate = try Self.isPrivate(own, for: file)
                self.isPrivate = isPrivate
                descriptor = own
                name = part
                return
            }
            guard
                let next = Descriptor(
                    folder.number, part, Self.walking | O_DIRECTORY | O_NOFOLLOW)
            else { throw Self.failure(errno, file) }
            folder = next
        }
        throw HostFileError(file.path, .find, .isDirectory)
    }

    /// O_PATH, which the Glibc module omits.
    private static let walking: Int32 = 0o10000000
    /// The kernel's limit of symbolic links in a path (`MAXSYMLINKS`).
    private static let maximumLinks = 40

    /// Returns the components of the path, the last one first.
    ///
    /// A path that ends in a slash names a folder, so its last component is `.`.
    private static func parts(of path: String) -> [String] {
        let parts = path.split(separator: "/").map(String.init).filter { $0 != "." }
        let isFolder = path.isEmpty || path.hasSuffix("/") || path.hasSuffix("/.") || path == "."
        return Array((isFolder ? parts + ["."] : parts).reversed())
    }

    private static func start(
        of path: String, for file: HostFile
    ) throws(HostFileError) -> Descriptor {
        let place = path.hasPrefix("/") ? "/" : "."
        guard let folder = Descriptor(AT_FDCWD, place, walking | O_DIRECTORY) else {
            throw failure(errno, file)
        }
        return folder
    }

    /// Returns the target of a symbolic link; nil if the component isn't one or doesn't exist.
    private static func link(
        _ folder: Int32, _ part: String, for file: HostFile
    ) throws(HostFileError) -> String? {
        var status = stat()
        let found = systemCall(.fileStatus) {
            unsafe fstatat(folder, part, &status, AT_SYMLINK_NOFOLLOW)
        }
        guard found == 0 else {
            guard errno == ENOENT else { throw failure(errno, file) }
            return nil
        }
        guard status.kind == S_IFLNK else { return nil }
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = systemCall(.fileStatus) {
            unsafe readlinkat(folder, part, &buffer, buffer.count)
        }
        guard count > 0 else { throw failure(errno, file) }
        return String(decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func isPrivate(
        _ folder: borrowing Descriptor, for file: HostFile
    ) throws(HostFileError) -> Bool {
        guard let status = folder.status else { throw failure(errno, file) }
        return status.isOfUsOrRoot && !status.isWritableByOthers
    }

    private static func failure(_ code: Int32, _ file: HostFile) -> HostFileError {
        HostFileError(file.path, .find, HostFileError.Cause(code))
    }
}

extension stat {
    var isOfUsOrRoot: Bool { st_uid == 0 || st_uid == geteuid() }

    /// Whether another user may write the folder.
    ///
    /// The group of root or of this process doesn't count as other users.
    fileprivate var isWritableByOthers: Bool {
        let isOwnGroup = st_gid == 0 || st_gid == getegid()
        return st_mode & S_IWOTH != 0 || st_mode & S_IWGRP != 0 && !isOwnGroup
    }
}
