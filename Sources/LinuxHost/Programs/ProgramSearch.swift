import Glibc

/// Where programs are looked for: the system's folders, then those of PATH.
///
/// A program runs with our rights, so a folder of PATH counts only where nobody but root, or the user that
/// we run as, can put a program into it. Others must be named (`iptablesExecutables`).
package enum ProgramSearch {
    private static let systemFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]

    /// The first program of that name that may be run; `searched` is PATH.
    package static func path(
        of program: String, searched: String = environmentPath
    ) -> String? {
        systemFolders.map { "\($0)/\(program)" }.first(where: isProgram)
            ?? trustedFolders(searched).map { "\($0)/\(program)" }
            .first { isProgram($0) && isTrusted($0) }
    }

    /// The PATH of programs that we start: they look for others there.
    package static var searchPath: String {
        (systemFolders + trustedFolders(environmentPath)).joined(separator: ":")
    }

    /// Whether it is a file that may be executed, and no folder.
    package static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && access(path, X_OK) == 0
    }

    /// The folders of PATH that others can't write, without the system's.
    private static func trustedFolders(_ searched: String) -> [String] {
        searched.split(separator: ":").map(String.init).filter {
            !systemFolders.contains($0) && isTrusted($0)
        }
    }

    package static var environmentPath: String {
        unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
    }

    /// Whether no other user can change what the path leads to: by what it says, and where symbolic
    /// links lead.
    private static func isTrusted(_ path: String) -> Bool {
        guard path.hasPrefix("/"), let target = unsafe realpath(path, nil) else { return false }
        defer { unsafe free(target) }
        return isGuarded(path) && isGuarded(unsafe String(cString: target))
    }

    /// Whether the file, and each folder above it, is written by root and this user alone.
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
