import Glibc

/// An error in reading or replacing a file of the host.
package struct HostFileError: Error, Hashable, Sendable {
    /// The step that failed.
    package enum Step: Hashable, Sendable {
        /// Resolving the path.
        case find
        case read
        /// Waiting for another tproxy that changes a file of the same folder.
        case lock
        /// Writing the new content to a temporary file beside the old one.
        case write
        /// Copying owner, mode and extended attributes to the temporary file.
        case copyAttributes
        /// Renaming the temporary file over the old one.
        case replace
        case delete
        /// Making the change durable across a power failure.
        ///
        /// An error in this step means that the change is already made.
        case settle
    }

    package enum Cause: Hashable, Sendable {
        case isDirectory
        /// A device, a pipe or a socket.
        case notRegular
        case readOnlyFileSystem
        /// The file system or the user's quota is full.
        case noSpace
        case notPermitted
        /// The folder of the file doesn't exist.
        case folderMissing
        /// A component of the path is a symbolic link in a folder that others can write.
        case plantedLink(String)
        /// The file belongs to another user, in a folder that others can write.
        case ownedByOther(UInt32)
        /// The file exceeds the limit, in bytes.
        case tooLarge(limit: Int)
        /// Other programs kept changing the file or holding its folder.
        case busy
        /// Another error, with the text of strerror(3).
        case other(String)
    }

    /// The path as the caller gave it.
    package var path: String
    package var step: Step
    package var cause: Cause

    package init(_ path: String, _ step: Step, _ cause: Cause) {
        self.path = path
        self.step = step
        self.cause = cause
    }

    /// Whether the file is unchanged; false only if making the change durable failed.
    package var isUntouched: Bool { step != .settle }
}

extension HostFileError.Cause {
    /// Creates the cause of an errno(3) value.
    init(_ code: Int32) {
        switch code {
        case EISDIR: self = .isDirectory
        case EROFS: self = .readOnlyFileSystem
        case ENOSPC, EDQUOT: self = .noSpace
        case EACCES, EPERM: self = .notPermitted
        case ENOENT, ENOTDIR: self = .folderMissing
        case _: self = .other(unsafe String(cString: strerror(code)))
        }
    }

    init(_ failure: ReadFailure) {
        switch failure {
        case .system(let code): self.init(code)
        case .tooLarge(let limit): self = .tooLarge(limit: limit)
        }
    }
}

/// The reason why `HostFile.update` made no change.
package enum HostFileUpdateError<Refusal: Error>: Error {
    case file(HostFileError)
    /// The caller's change threw an error.
    case refused(Refusal)
}

extension HostFileUpdateError: Equatable where Refusal: Equatable {}
