import Glibc

/// Finds programs in the system's folders, then in those of PATH.
///
/// A program runs with our privileges. So a folder of PATH counts only if no user but root and the
/// current one can write it. The user must name other programs (`iptablesExecutables`).
package enum ProgramSearch {
    private static let systemFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]

    /// Returns the first executable program with the name; `searched` is a value of PATH.
    package static func path(
        of program: String, searched: String = environmentPath
    ) -> String? {
        systemFolders.map { "\($0)/\(program)" }.first(where: isProgram)
            ?? trustedFolders(searched).map { "\($0)/\(program)" }
            .first { isProgram($0) && isTrusted($0) }
    }

    /// The PATH for programs that we start.
    package static var searchPath: String {
        (systemFolders + trustedFolders(environmentPath)).joined(separator: ":")
    }

    /// Whether the path leads to a regular file that may be executed.
    package static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }

    /// Returns the folders of PATH that others can't write, without the system's folders.
    private static func trustedFolders(_ searched: String) -> [String] {
        searched.split(separator: ":").map(String.init).filter {
            !systemFolders.contains($0) && isTrusted($0)
        }
    }

    package static var environmentPath: String {
        unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    }

    /// Whether no other user can change the file that the path leads to.
    ///
    /// Both the path itself and the target of its symbolic links are checked.
    private static func isTrusted(_ path: String) -> Bool {
        guard path.hasPrefix("/"), let target = unsafe realpath(path, nil) else { return false }
        defer { unsafe free(target) }
        return isGuarded(path) && isGuarded(unsafe String(cString: target))
    }

    /// Whether only root and this user can write the file and each folder above it.
    private static func isGuarded(_ path: String) -> Bool {
        var prefix = ""
        let prefixes = path.split(separator: "/").map { part in
            prefix += "/\(part)"
            return prefix
        }
        return (["/"] + prefixes).allSatisfy { place in
            var status = stat()
            guard unsafe stat(place, &status) == 0 else { return false }
            let isOwnGroup = status.st_gid == 0 || status.st_gid == getegid()
            return (status.st_uid == 0 || status.st_uid == geteuid())
                && status.st_mode & S_IWOTH == 0
                && (status.st_mode & S_IWGRP == 0 || isOwnGroup)
        }
    }
}
