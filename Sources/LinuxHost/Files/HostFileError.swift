import Glibc

/// Why a file of the host could not be read or replaced, as facts.
package struct HostFileError: Error, Hashable, Sendable {
    /// What was being done.
    package enum Step: Hashable, Sendable {
        /// Finding out what the path names.
        case find
        case read
        /// Waiting for another tproxy that changes a file of the same folder.
        case lock
        /// Writing the new content into a temporary file beside the old one.
        case write
        /// Giving the temporary file the old one's owner, mode and extended attributes.
        case dress
        /// Putting the temporary file in the old one's place.
        case replace
        case delete
        /// Making the change last through a power failure. It is made, other than at every other
        /// step.
        case settle
    }

    package enum Cause: Hashable, Sendable {
        case isDirectory
        /// A device, a pipe, a socket.
        case notRegular
        case readOnlyFileSystem
        /// The file system or the user's quota is full.
        case noSpace
        case notPermitted
        /// The folder that the file should be in isn't there.
        case folderMissing
        /// A part of the path is a symbolic link in a folder that others can write.
        case plantedLink(String)
        /// The file is another user's, in a folder that others can write.
        case ownedByOther(UInt32)
        /// The file has more bytes than are read.
        case tooLarge(limit: Int)
        /// Others kept changing the file or holding its folder.
        case busy
        /// What strerror(3) says.
        case other(String)
    }

    /// As it was given.
    package var path: String
    package var step: Step
    package var cause: Cause

    package init(_ path: String, _ step: Step, _ cause: Cause) {
        self.path = path
        self.step = step
        self.cause = cause
    }

    /// The file is as it was before, unless only making it last failed.
    package var isUntouched: Bool { step != .settle }
}

extension HostFileError.Cause {
    /// What an errno value means for a file.
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

/// Why `HostFile.update` did nothing.
package enum HostFileUpdateError<Refusal: Error>: Error {
    case file(HostFileError)
    /// The caller's change was refused by itself.
    case refused(Refusal)
}

extension HostFileUpdateError: Equatable where Refusal: Equatable {}
