import LinuxHost

/// Waits for the end of a pending change, without looking again and again.
package struct PendingWait {
    package enum End: Hashable, Sendable {
        /// The deadline has passed.
        case deadline
        /// The change was confirmed or rolled back.
        case decided
        /// The input is readable, or its other end is gone.
        case input
    }

    private let pending: PendingChange
    private let store: PendingStore
    private let watch: FolderWatch?

    /// Creates a wait for a change that is pending.
    package init(for pending: PendingChange) throws(OperationFailure) {
        let store = try PendingStore()
        let watch = try? FolderWatch()
        watch?.watch(store.folder)
        self.init(for: pending, store, watch)
    }

    init(for pending: PendingChange, _ store: PendingStore, _ watch: FolderWatch?) {
        self.pending = pending
        self.store = store
        self.watch = watch
    }

    /// Waits until the change ends; with `input`, a file descriptor, also until that is readable.
    package func wait(orFor input: Int32?) throws(OperationFailure) -> End {
        let timer: BootTimer
        do {
            timer = try BootTimer(until: pending.deadline)
        } catch {
            throw OperationFailure(.guardNotStarted(error.reason))
        }
        while true {
            if isDecided { return .decided }
            switch timer.wait(orFor: [watch?.descriptor ?? -1, input ?? -1]) {
            case nil: return .deadline
            case 1: return .input
            case _: _ = watch?.takeAll()
            }
        }
    }

    /// Whether the change isn't pending any longer; a record that can't be read doesn't tell.
    private var isDecided: Bool {
        do {
            return try store.read()?.id != pending.id
        } catch {
            return false
        }
    }
}
