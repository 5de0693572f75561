import FaultPoints
import Glibc

/// The folder of a file, held against other tproxy processes that write the same file.
///
/// The lock is an flock(2) on a hidden file beside it, which only its owner can open: the folder itself
/// anybody can lock who can read it. Where others can write the folder they could plant such a file, and
/// where this process can't make one there is no lock either: then only the look before the rename is
/// left.
struct LockedFolder: ~Copyable {
    let folder: FolderWalk
    private let lock: Descriptor?
    /// Whether nobody else is at work here.
    let isLocked: Bool

    /// Waits for others as long as `file` says.
    static func hold(for file: HostFile) throws(HostFileError) -> LockedFolder {
        let folder = try FolderWalk(to: file)
        guard folder.isPrivate else {
            return LockedFolder(folder: folder, lock: nil, isLocked: false)
        }
        let name = TemporaryName.ofLock(for: folder.name)
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: file.patience)
        while true {
            let flags = O_RDWR | O_CREAT | O_NOFOLLOW
            guard let lock = Descriptor(folder.descriptor.number, name, flags, mode: 0o600) else {
                return LockedFolder(folder: folder, lock: nil, isLocked: false)
            }
            guard systemCall(.folderLock, { flock(lock.number, LOCK_EX | LOCK_NB) }) != 0 else {
                // Who held it has taken its file away.
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
        // Before the lock goes with its descriptor: the file is ours until then.
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
