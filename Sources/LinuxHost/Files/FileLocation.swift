import Glibc

/// Where a path leads, seen from the working directory.
package enum FileLocation {
    /// The absolute path, without `.`, `..` and empty components; symbolic links stay.
    package static func absolute(_ path: String) -> String {
        var components: [Substring] = []
        for component in (path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)").split(
            separator: "/")
        {
            switch component {
            case ".": continue
            case "..": _ = components.popLast()
            case _: components.append(component)
            }
        }
        return "/" + components.joined(separator: "/")
    }

    /// The file behind all symbolic links; the absolute path where there is none.
    package static func resolved(_ path: String) -> String {
        guard let found = unsafe realpath(path, nil) else { return absolute(path) }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// Whether there is a file, a directory or anything else behind `path`.
    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static var workingDirectory: String {
        guard let found = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
