import CLinux
import FaultPoints
import Glibc

/// One attempt to replace a file's content.
struct Replacement: ~Copyable {
    private let file: HostFile
    private let folder: Int32
    private let name: String
    private let defaultMode: UInt32
    private let found: Content?
    /// Whether the new file gets the owner, mode and extended attributes of the old one.
    private let copiesAttributes: Bool

    /// Reads the file, and deletes leftovers of a killed run.
    init(
        in folder: borrowing LockedFolder, of file: HostFile, defaultMode: UInt32
    ) throws(HostFileError) {
        let walk = folder.folder.descriptor.number
        if folder.isLocked { TemporaryName.removeLeftovers(of: folder.folder.name, in: walk) }
        let found = try Content(at: walk, folder.folder.name, for: file, O_NOFOLLOW)
        let isTrusted = folder.folder.isPrivate || found?.status.isOfUsOrRoot != false
        guard isTrusted || file.replacesOthers else {
            throw HostFileError(file.path, .find, .ownedByOther(found?.status.st_uid ?? 0))
        }
        self.file = file
        self.folder = walk
        self.defaultMode = defaultMode
        self.found = found
        name = folder.folder.name
        copiesAttributes = isTrusted
    }

    var old: [UInt8]? { found?.bytes }

    /// Writes the new content; returns nil and does nothing if the file changed since it was read.
    func commit(_ new: [UInt8]?) throws(HostFileError) -> HostFile.Outcome? {
        guard new != old else { return .unchanged }
        guard let new else {
            guard isCurrent else { return nil }
            try check(systemCall(.fileDelete) { unsafe unlinkat(folder, name, 0) }, .delete)
            try settle()
            return .deleted
        }
        let temporary = TemporaryName.make(for: name)
        do throws(HostFileError) {
            try write(new, to: temporary)
            guard isCurrent else {
                _ = unsafe unlinkat(folder, temporary, 0)
                return nil
            }
            try check(
                systemCall(.fileRename) { unsafe renameat(folder, temporary, folder, name) },
                .replace)
        } catch {
            _ = unsafe unlinkat(folder, temporary, 0)
            throw error
        }
        try settle()
        return found == nil ? .created : .replaced
    }

    private func write(_ bytes: [UInt8], to temporary: String) throws(HostFileError) {
        // No other user may read the file before it has the old one's mode.
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW
        guard let descriptor = Descriptor(folder, temporary, flags, mode: 0o600) else {
            throw failure(.write, errno)
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                systemCall(.fileWrite) {
                    unsafe Glibc.write(descriptor.number, buffer.baseAddress, buffer.count)
                }
            }
            if count < 0 {
                if errno == EINTR { continue }
                throw failure(.write, errno)
            }
            rest = rest.dropFirst(count)
        }
        try copyAttributes(descriptor.number)
        try check(systemCall(.fileSync) { fsync(descriptor.number) }, .write)
    }

    private func copyAttributes(_ descriptor: Int32) throws(HostFileError) {
        guard let found, copiesAttributes else {
            try check(systemCall(.fileMode) { fchmod(descriptor, defaultMode) }, .copyAttributes)
            return
        }
        guard let original = Descriptor(folder, name, O_RDONLY | O_NONBLOCK | O_NOFOLLOW)
        else {
            throw failure(.copyAttributes, errno)
        }
        // The owner comes first: changing it clears set-user-ID bits and capabilities.
        let owner = found.status
        try check(
            systemCall(.fileOwner) { fchown(descriptor, owner.st_uid, owner.st_gid) },
            .copyAttributes)
        try check(
            systemCall(.fileMode) { fchmod(descriptor, owner.st_mode & 0o7777) }, .copyAttributes)
        if let code = ExtendedAttributes.copy(from: original.number, to: descriptor) {
            throw failure(.copyAttributes, code)
        }
    }

    private var isCurrent: Bool {
        var status = stat()
        let looked = systemCall(.fileStatus) {
            unsafe fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW)
        }
        guard looked == 0 else {
            return errno == ENOENT && found == nil
        }
        return found.map { $0.status.isSameFile(as: status) } ?? false
    }

    private func settle() throws(HostFileError) {
        // Some file systems can't sync a folder, and need no sync.
        guard systemCall(.folderSync, { fsync(folder) }) == 0 || errno == EINVAL else {
            throw failure(.settle, errno)
        }
    }

    private func check(_ result: Int32, _ step: HostFileError.Step) throws(HostFileError) {
        guard result == 0 else { throw failure(step, errno) }
    }

    private func failure(_ step: HostFileError.Step, _ code: Int32) -> HostFileError {
        HostFileError(file.path, step, HostFileError.Cause(code))
    }
}
