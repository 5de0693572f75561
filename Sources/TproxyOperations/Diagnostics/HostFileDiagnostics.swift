import Diagnostics
import HostFiles

extension HostFileError {
    /// What to tell the user.
    var diagnostic: Diagnostic {
        .error(
            id: id, "can't \(doing) '\(path)': \(reason)",
            notes: isUntouched
                ? [] : ["the new content is in place, but might not outlast a power failure"],
            help: remedy)
    }

    /// Whether it could be read, and is no place to write to.
    private var isUnsafe: Bool {
        switch cause {
        case .plantedLink, .ownedByOther: true
        case .isDirectory, .notRegular, .readOnlyFileSystem, .noSpace, .notPermitted,
            .folderMissing, .tooLarge, .busy, .other:
            false
        }
    }

    private var doing: String {
        guard !isUnsafe else { return "write" }
        return switch step {
        case .find, .read: "read"
        case .lock, .write, .dress, .replace: "write"
        case .delete: "delete"
        case .settle: "make a change last of"
        }
    }

    private var id: String {
        guard !isUnsafe else { return "unwritable-file" }
        return switch step {
        case .find, .read: "unreadable-file"
        case .lock, .write, .dress, .replace, .delete, .settle: "unwritable-file"
        }
    }

    private var reason: String {
        switch cause {
        case .isDirectory: "it is a directory"
        case .notRegular: "it is not a regular file"
        case .readOnlyFileSystem: "its file system is mounted read-only"
        case .noSpace: "there is no space left for a copy beside it"
        case .notPermitted:
            step == .dress
                ? "its owner, mode or extended attributes can't be kept" : "permission denied"
        case .folderMissing: "its folder doesn't exist"
        case .plantedLink(let part):
            "'\(part)' is a symbolic link in a folder that others can write"
        case .ownedByOther(let user):
            "it is user \(user)'s, in a folder that others can write"
        case .tooLarge(let limit): "it is larger than \(limit >> 20) MiB"
        case .busy: "another program kept changing it, or is at work in its folder"
        case .other(let words): words
        }
    }

    private var remedy: String {
        switch cause {
        case .isDirectory, .notRegular: "name a regular file, or move this one out of the way"
        case .readOnlyFileSystem:
            "mount it writable, or write the file where the system takes it from"
        case .noSpace: "make room there; the file is as it was"
        case .notPermitted: "run as root, or as the owner of the file and its folder"
        case .folderMissing: "make the folder, or install the program that it belongs to"
        case .plantedLink: "name the file that it should be, or write into another folder"
        case .ownedByOther:
            "write into another folder; --force replaces it, where the command has that flag"
        case .tooLarge: "look at the file: this is more than any program would have written"
        case .busy: "try again; 'fuser' on the folder tells who is there"
        case .other: isUntouched ? "the file is as it was" : "look at the kernel's log"
        }
    }
}
