package import Diagnostics
package import LinuxHost

extension HostFileError {
    /// The diagnostic for the user who wants the file to be read.
    var diagnostic: Diagnostic { diagnostic(whenWriting: false) }

    /// The diagnostic for the user; a file that is to be written need not exist.
    package func diagnostic(whenWriting isWriting: Bool) -> Diagnostic {
        let isWriting = isUnsafe || isWriting && step == .find
        return .error(
            id: isWriting ? "unwritable-file" : id,
            "can't \(isWriting ? "write" : doing) '\(path)': \(reason)",
            notes: isUntouched
                ? [] : ["the new content is in place, but may not survive a power failure"],
            help: remedy)
    }

    /// Whether the file can be read but must not be written.
    private var isUnsafe: Bool {
        switch cause {
        case .plantedLink, .ownedByOther: true
        case .isDirectory, .notRegular, .readOnlyFileSystem, .noSpace, .notPermitted,
            .folderMissing, .tooLarge, .busy, .other:
            false
        }
    }

    private var doing: String {
        switch step {
        case .find, .read: "read"
        case .lock, .write, .copyAttributes, .replace: "write"
        case .delete: "delete"
        case .settle: "sync"
        }
    }

    private var id: String {
        switch step {
        case .find, .read: "unreadable-file"
        case .lock, .write, .copyAttributes, .replace, .delete, .settle: "unwritable-file"
        }
    }

    private var reason: String {
        switch cause {
        case .isDirectory: "it is a directory"
        case .notRegular: "it is not a regular file"
        case .readOnlyFileSystem: "its file system is mounted read-only"
        case .noSpace: "no space left for a copy in its directory"
        case .notPermitted:
            step == .copyAttributes
                ? "its owner, mode or extended attributes can't be kept" : "permission denied"
        case .folderMissing: "its folder doesn't exist"
        case .plantedLink(let part):
            "'\(part)' is a symbolic link in a folder that others can write"
        case .ownedByOther(let user):
            "it belongs to UID \(user), in a folder that others can write"
        case .tooLarge(let limit): "it is larger than \(limit >> 20) MiB"
        case .busy: "another program kept changing it, or is writing in its folder"
        case .other(let words): words
        }
    }

    private var remedy: String {
        switch cause {
        case .isDirectory, .notRegular: "name a regular file, or move this one away"
        case .readOnlyFileSystem:
            "mount it writable, or write the file at its source"
        case .noSpace: "free disk space there; the file is unchanged"
        case .notPermitted: "run as root, or as the owner of the file and its folder"
        case .folderMissing: "create the folder, or install the program that owns it"
        case .plantedLink: "name the target file, or write into another folder"
        case .ownedByOther:
            "write into another folder; --force replaces it, where the command has that flag"
        case .tooLarge: "check the file: no program writes one this large"
        case .busy: "run the command again; 'fuser' on the folder lists the processes"
        case .other: isUntouched ? "the file is unchanged" : "check the kernel log"
        }
    }
}
