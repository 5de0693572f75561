import CLinux
import FaultPoints
import Glibc

/// Reports that folders have changed (inotify(7)).
package final class FolderWatch {
    /// Readable as soon as anything has changed.
    package var descriptor: Int32 { handle.number }
    private let handle: Descriptor

    package init() throws(ReadFailure) {
        let opened = systemCall(.fileOpen) {
            inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        }
        guard let handle = Descriptor(owning: opened) else { throw .system(code: errno) }
        self.handle = handle
    }

    /// Watches a folder; one that is watched already stays so.
    ///
    /// Returns whether it exists.
    @discardableResult
    package func watch(_ folder: String) -> Bool {
        let events =
            IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE
            | IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB
        return systemCall(.fileOpen) {
            unsafe inotify_add_watch(handle.number, folder, UInt32(events))
        } >= 0
    }

    /// Takes all reports; returns whether there were any.
    ///
    /// Lost ones (an overflow) count as well.
    package func takeAll() -> Bool {
        var isChanged = false
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                systemCall(.fileRead) {
                    unsafe Glibc.read(handle.number, bytes.baseAddress, bytes.count)
                }
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return isChanged }
            isChanged = true
        }
    }
}
