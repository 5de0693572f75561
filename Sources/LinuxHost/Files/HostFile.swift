import FaultPoints
import Glibc

/// A text file of the host that is read and replaced as a whole.
///
/// A reader sees the old content or the new one, never a part, even if the process or the power
/// fails. Runs that change the same file do so one after the other.
package struct HostFile: Sendable {
    /// The default limit in bytes; larger files are refused, so that they don't fill the memory.
    package static let defaultLimit = 8 << 20

    package enum Outcome: Hashable, Sendable {
        case created
        case replaced
        /// The content already equalled the new one; nothing was written.
        case unchanged
        case deleted
    }

    /// The path of the file.
    ///
    /// A symbolic link is followed to its target. For writing, it is followed only if no other user
    /// can have made it.
    package let path: String
    /// Whether another user's file is replaced in a folder that others can write.
    package let replacesOthers: Bool
    /// The maximum number of bytes that are read.
    package let limit: Int
    /// The maximum time to wait for another run.
    package let timeout: Duration

    package init(
        _ path: String, limit: Int = HostFile.defaultLimit, timeout: Duration = .seconds(10),
        replacesOthers: Bool = false
    ) {
        self.path = path
        self.replacesOthers = replacesOthers
        self.limit = limit
        self.timeout = timeout
    }

    /// Reads the file; returns nil if it doesn't exist.
    package func read() throws(HostFileError) -> [UInt8]? {
        try Content(at: AT_FDCWD, path, for: self)?.bytes
    }

    /// Throws the errors of `update` that can be found without a change.
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

    /// Replaces the content with the result of `change`; nil means that the file doesn't exist.
    ///
    /// A new file gets `defaultMode`, whatever the umask. A replaced one keeps its mode, owner and
    /// extended attributes, including its SELinux label. Hard links aren't followed: another name
    /// of the old file keeps the old content. `change` may run several times if a program that
    /// ignores the lock writes meanwhile.
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

    /// Deletes what a killed run left beside the file, if no other run writes it; errors are ignored.
    package func removeLeftovers() {
        _ = try? update(defaultMode: 0o600) { old throws(Never) in old }
    }

    /// The maximum number of attempts while other programs write the file.
    private static let maximumTries = 5
}

/// The content of a file, and its status when it was read.
struct Content {
    let bytes: [UInt8]
    let status: stat

    /// Reads the file; nil if it doesn't exist.
    init?(
        at folder: Int32, _ name: String, for file: HostFile, _ flags: Int32 = 0
    ) throws(HostFileError) {
        // Without O_NONBLOCK, opening a pipe without a writer would block.
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
