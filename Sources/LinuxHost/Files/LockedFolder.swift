import FaultPoints
import Glibc

/// The folder of a file, locked against other tproxy processes that write the same file.
///
/// The lock is an flock(2) on a hidden file beside it that only its owner can open; the folder
/// itself could be locked by any user who can read it. There is no lock in a folder that others can
/// write, where they could plant such a file, nor where this process can't create one. Then only
/// the check before the rename protects the file.
struct LockedFolder: ~Copyable {
    let folder: FolderWalk
    private let lock: Descriptor?
    /// Whether the lock is held, so that no other tproxy writes the file.
    let isLocked: Bool

    /// Acquires the lock; waits for other processes for `file.timeout`, then throws `busy`.
    static func hold(for file: HostFile) throws(HostFileError) -> LockedFolder {
        let folder = try FolderWalk(to: file)
        guard folder.isPrivate else {
            return LockedFolder(folder: folder, lock: nil, isLocked: false)
        }
        let name = TemporaryName.ofLock(for: folder.name)
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: file.timeout)
        while true {
            let flags = O_RDWR | O_CREAT | O_NOFOLLOW
            guard let lock = Descriptor(folder.descriptor.number, name, flags, mode: 0o600) else {
                return LockedFolder(folder: folder, lock: nil, isLocked: false)
            }
            guard systemCall(.folderLock, { flock(lock.number, LOCK_EX | LOCK_NB) }) != 0 else {
                // The former holder has deleted its lock file.
                guard isThere(lock, name, in: folder.descriptor.number) else { continue }
                return LockedFolder(folder: folder, lock: lock, isLocked: true)
            }
            guard errno == EWOULDBLOCK || errno == EINTR else {
                return LockedFolder(folder: folder, lock: lock, isLocked: false)
            }
            guard clock.now < end else { throw HostFileError(file.path, .lock, .busy) }
            usleep(10_000)
        }
    }

    private init(folder: consuming FolderWalk, lock: consuming Descriptor?, isLocked: Bool) {
        self.folder = folder
        self.lock = lock
        self.isLocked = isLocked
    }

    deinit {
        // Delete the file before the descriptor releases the lock: until then it is ours.
        if lock != nil {
            _ = unsafe unlinkat(
                folder.descriptor.number, TemporaryName.ofLock(for: folder.name), 0)
        }
    }

    private static func isThere(
        _ lock: borrowing Descriptor, _ name: String, in folder: Int32
    ) -> Bool {
        var named = stat()
        guard let held = lock.status,
            unsafe fstatat(folder, name, &named, AT_SYMLINK_NOFOLLOW) == 0
        else { return false }
        return held.st_dev == named.st_dev && held.st_ino == named.st_ino
    }
}
