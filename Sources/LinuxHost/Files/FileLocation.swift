import Glibc

/// Resolves paths relative to the working directory.
package enum FileLocation {
    /// Returns the absolute path without `.`, `..` and empty components; keeps symbolic links.
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

    /// Returns the path with all symbolic links resolved; the absolute path if that fails.
    package static func resolved(_ path: String) -> String {
        guard let found = unsafe realpath(path, nil) else { return absolute(path) }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }

    /// Whether `path` leads to a file, a directory or any other object.
    package static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    private static var workingDirectory: String {
        guard let found = unsafe getcwd(nil, 0) else { return "" }
        defer { unsafe free(found) }
        return unsafe String(cString: found)
    }
}
