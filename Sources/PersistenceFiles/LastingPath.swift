import Glibc

/// Checks that a service finds the same file again at boot and can read it in its sandbox.
package enum LastingPath {
    package enum Problem: Error, Hashable, Sendable {
        case standardInput
        case missing(reason: String)
        /// A pipe, a device or a directory.
        case notRegular
        /// The directory is emptied at boot, or private to the service.
        case vanishes(folder: String)
        /// The directory is hidden from the service.
        case hidden(folder: String)
        /// The service runs as root without the capability to override file modes.
        case unreadable(path: String)
    }

    /// How the service uses the file.
    package enum Use: Sendable {
        case read
        case execute
    }

    /// Returns the absolute path of `path`, without resolving a symbolic link at its end.
    package static func resolve(_ path: String, for use: Use) throws(Problem) -> String {
        guard path != "-" else { throw .standardInput }
        let slash = path.lastIndex(of: "/")
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let folder = try real(slash.map { String(path[...$0]) } ?? ".")
        let absolute = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
        // Check both: a link in a lasting directory may lead out of it, and one in /tmp will be
        // gone.
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

    /// Resolves symbolic links, as realpath(3) does.
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

    /// Throws unless root without CAP_DAC_OVERRIDE may use the file and search its directories.
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
