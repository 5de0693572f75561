import Diagnostics
import LinuxHost

/// The record of the pending change of the calling thread's network namespace.
///
/// It is a file that only its owner can read. One of an earlier start of the kernel, or of another
/// namespace with the same number, counts as missing.
struct PendingStore {
    private static let folder = "/run/tproxy"

    private let file: HostFile

    init() throws(OperationFailure) {
        do {
            let number = try NamespaceIdentity.currentInode
            file = HostFile("\(Self.folder)/confirm-\(number)", limit: 1 << 30)
        } catch {
            throw OperationFailure(.namespaceUnknown(error.reason))
        }
    }

    static func namespace() throws(OperationFailure) -> NamespaceIdentity {
        do {
            return try NamespaceIdentity.current
        } catch {
            throw OperationFailure(.namespaceUnknown(error.reason))
        }
    }

    /// The folder of the file, which changes with it.
    var folder: String { Self.folder }

    /// Returns the pending change; nil if there is none.
    func read() throws(OperationFailure) -> PendingChange? {
        guard isThere else { return nil }
        let bytes: [UInt8]?
        do {
            bytes = try file.read()
        } catch {
            throw OperationFailure(error.diagnostic)
        }
        guard let bytes else { return nil }
        guard let pending = PendingChange(bytes: bytes) else {
            throw OperationFailure(.pendingRecordDamaged(file.path))
        }
        return try isOurs(pending) ? pending : nil
    }

    /// Returns the pending change, and deletes a record that is without effect.
    ///
    /// The lock of the namespace must be held: a change that is only prepared was given up.
    func readLocked() throws(OperationFailure) -> PendingChange? {
        guard isThere else { return nil }
        guard let pending = try read(), pending.stage == .guarded else {
            try delete()
            return nil
        }
        return pending
    }

    private var isThere: Bool { FileLocation.exists(file.path) }

    private func isOurs(_ pending: PendingChange) throws(OperationFailure) -> Bool {
        let namespace = try Self.namespace()
        let theirs = pending.namespace
        let isSame =
            theirs.cookie == nil || namespace.cookie == nil
            || theirs.cookie == namespace.cookie
        return theirs.boot == namespace.boot && theirs.inode == namespace.inode && isSame
    }

    func write(_ pending: PendingChange) throws(OperationFailure) {
        let bytes = pending.bytes
        do {
            try FileName.makeFolder(Self.folder, mode: 0o755)
        } catch {
            throw OperationFailure(error.diagnostic(whenWriting: true))
        }
        do {
            try file.update(defaultMode: 0o600) { _ throws(Never) in bytes }
        } catch {
            guard case .file(let problem) = error else { return }
            throw OperationFailure(problem.diagnostic(whenWriting: true))
        }
    }

    func delete() throws(OperationFailure) {
        do {
            try file.update(defaultMode: 0o600) { _ throws(Never) in nil }
        } catch {
            guard case .file(let problem) = error else { return }
            throw OperationFailure(problem.diagnostic(whenWriting: true))
        }
    }
}
