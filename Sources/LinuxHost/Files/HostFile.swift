import FaultPoints
import Glibc

/// A text file of the host, which is read and replaced whole.
///
/// Whoever reads it, and whenever this process or the power goes, finds the old content or the new
/// one, never a part. Two runs that change the same file do it one after the other.
package struct HostFile: Sendable {
    /// Larger files are refused before they fill the memory.
    package static let defaultLimit = 8 << 20

    package enum Outcome: Hashable, Sendable {
        case created
        case replaced
        /// The change made no difference; nothing was written.
        case unchanged
        case deleted
    }

    /// A symbolic link stands for the file that it points to; when written, only where no other user can
    /// have made the link.
    package let path: String
    /// Whether another user's file in a folder that others can write is replaced, too.
    package let replacesOthers: Bool
    /// The most bytes that are read.
    package let limit: Int
    /// How long to wait for another run.
    package let patience: Duration

    package init(
        _ path: String, limit: Int = HostFile.defaultLimit, patience: Duration = .seconds(10),
        replacesOthers: Bool = false
    ) {
        self.path = path
        self.replacesOthers = replacesOthers
        self.limit = limit
        self.patience = patience
    }

    /// The bytes; nil where there is no such file.
    package func read() throws(HostFileError) -> [UInt8]? {
        try Content(at: AT_FDCWD, path, for: self)?.bytes
    }

    /// Throws what `update` would, as far as it can be told beforehand.
    package func checkUpdate() throws(HostFileError) {
        let folder = try FolderWalk(to: self)
        let isWritable = systemCall(.fileStatus) {
            unsafe faccessat(folder.descriptor.number, ".", W_OK, AT_EACCESS)
        }
        guard isWritable == 0 else {
            throw HostFileError(path, .write, HostFileError.Cause(errno))
        }
        _ = try read()
    }

    /// Replaces the content by what `change` makes of it; nil in and out is "no such file".
    ///
    /// A new file gets `defaultMode`, whatever the umask, and a replaced one keeps its mode, owner
    /// and extended attributes, its SELinux label among them. Hard links are not followed: another
    /// name of the old file keeps the old content. `change` may run more than once, when a program
    /// that knows nothing of the lock writes meanwhile.
    @discardableResult
    package func update<Refusal: Error>(
        defaultMode: UInt32, _ change: ([UInt8]?) throws(Refusal) -> [UInt8]?
    ) throws(HostFileUpdateError<Refusal>) -> Outcome {
        let folder: LockedFolder
        do throws(HostFileError) {
            folder = try LockedFolder.hold(for: self)
        } catch {
            throw .file(error)
        }
        for _ in 0..<Self.maximumTries {
            let replacement: Replacement
            do throws(HostFileError) {
                replacement = try Replacement(in: folder, of: self, defaultMode: defaultMode)
            } catch {
                throw .file(error)
            }
            let new: [UInt8]?
            do throws(Refusal) {
                new = try change(replacement.old)
            } catch {
                throw .refused(error)
            }
            do throws(HostFileError) {
                if let outcome = try replacement.commit(new) { return outcome }
            } catch {
                throw .file(error)
            }
        }
        throw .file(HostFileError(path, .replace, .busy))
    }

    /// How often others may come between before we give up.
    private static let maximumTries = 5
}

/// What a file holds, and what it was when it was read.
struct Content {
    let bytes: [UInt8]
    let status: stat

    /// Nil where there is no such file.
    init?(
        at folder: Int32, _ name: String, for file: HostFile, _ flags: Int32 = 0
    ) throws(HostFileError) {
        // A pipe without a writer would block without O_NONBLOCK.
        guard let descriptor = Descriptor(folder, name, O_RDONLY | O_NONBLOCK | flags) else {
            guard errno != ENOENT else { return nil }
            throw HostFileError(file.path, .find, HostFileError.Cause(errno))
        }
        guard let found = descriptor.status else {
            throw HostFileError(file.path, .find, HostFileError.Cause(errno))
        }
        guard found.kind != S_IFDIR else { throw HostFileError(file.path, .find, .isDirectory) }
        guard found.kind == S_IFREG else { throw HostFileError(file.path, .find, .notRegular) }
        status = found
        do throws(ReadFailure) {
            bytes = try FileBytes.read(from: descriptor.number, upTo: file.limit)
        } catch {
            throw HostFileError(file.path, .read, HostFileError.Cause(error))
        }
    }
}
