import Glibc

/// A file that a service finds again at boot: the same one, and readable inside its sandbox.
package enum LastingPath {
    package enum Problem: Error, Hashable, Sendable {
        case standardInput
        case missing(reason: String)
        /// A pipe, a device, a folder.
        case notRegular
        /// The folder is emptied at boot, or private to the service.
        case vanishes(folder: String)
        /// The folder is hidden from the service.
        case hidden(folder: String)
        /// The service is root without the right to pass over file modes.
        case unreadable(path: String)
    }

    /// What the service does with the file.
    package enum Use: Sendable {
        case read
        case execute
    }

    /// The absolute path of `path`; where the file is a symbolic link, the link's.
    package static func resolve(_ path: String, for use: Use) throws(Problem) -> String {
        guard path != "-" else { throw .standardInput }
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let folder = try real(slash.map { String(path[...$0]) } ?? ".")
        let absolute = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
        // Both: a link in a lasting folder may lead out of it, and one in /tmp won't be there.
        try checkFolder(absolute)
        let target = try real(absolute)
        try checkFolder(target)
        var status = stat()
        guard unsafe stat(target, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw .notRegular
        }
        try checkAccess(target, use)
        return absolute
    }

    /// Where symbolic links lead, as realpath(3) has it.
    private static func real(_ path: String) throws(Problem) -> String {
        guard let found = unsafe realpath(path, nil) else {
            throw .missing(reason: unsafe String(cString: strerror(errno)))
        }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    private static func checkFolder(_ path: String) throws(Problem) {
        for folder in ["/tmp", "/var/tmp", "/run", "/dev", "/proc", "/sys"]
        where path.hasPrefix(folder + "/") {
            throw .vanishes(folder: folder)
        }
        for folder in ["/home", "/root"] where path.hasPrefix(folder + "/") {
            throw .hidden(folder: folder)
        }
    }

    /// Whether root without CAP_DAC_OVERRIDE may use the file and walk through its folders.
    private static func checkAccess(_ path: String, _ use: Use) throws(Problem) {
        var place = path[...]
        var bits: mode_t = use == .read ? 0o4 : 0o5
        while !place.isEmpty {
            var status = stat()
            guard unsafe stat(String(place), &status) == 0 else { return }
            let shift: mode_t = status.st_uid == 0 ? 6 : status.st_gid == 0 ? 3 : 0
            guard status.st_mode >> shift & bits == bits else {
                throw .unreadable(path: String(place))
            }
            bits = 0o1
            place = place[..<(place.lastIndex(of: "/") ?? place.startIndex)]
        }
    }
}
