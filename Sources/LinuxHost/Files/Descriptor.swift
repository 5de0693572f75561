import FaultPoints
import Glibc

/// Owns a file descriptor and closes it.
struct Descriptor: ~Copyable {
    let number: Int32

    /// Opens a file; returns nil with errno set if that fails.
    init?(_ folder: Int32, _ name: String, _ flags: Int32, mode: mode_t = 0) {
        let opened = systemCall(flags & O_CREAT == 0 ? .fileOpen : .fileCreate) {
            unsafe openat(folder, name, flags | O_CLOEXEC, mode)
        }
        // Checked before the number is stored: close(2) in `deinit` would overwrite errno.
        guard opened >= 0 else { return nil }
        number = opened
    }

    /// Takes over an open descriptor; returns nil if it is none.
    init?(owning opened: Int32) {
        guard opened >= 0 else { return nil }
        number = opened
    }

    deinit { close(number) }

    var status: stat? {
        var status = stat()
        return systemCall(.fileStatus) { unsafe fstat(number, &status) } == 0 ? status : nil
    }
}

extension stat {
    var kind: mode_t { st_mode & S_IFMT }

    /// Whether the file was neither written nor replaced between two calls of stat(2).
    func isSameFile(as other: stat) -> Bool {
        st_dev == other.st_dev && st_ino == other.st_ino && st_size == other.st_size
            && st_mtim.tv_sec == other.st_mtim.tv_sec && st_mtim.tv_nsec == other.st_mtim.tv_nsec
            && st_ctim.tv_sec == other.st_ctim.tv_sec && st_ctim.tv_nsec == other.st_ctim.tv_nsec
    }
}
