import Glibc

/// Where programs are looked for.
package enum ProgramSearch {
    /// Administrators' folders, which are often not in the PATH of a user or a service.
    private static let standardFolders = ["/usr/sbin", "/sbin", "/usr/bin", "/bin"]

    /// The first program of that name that may be run: in PATH, then in the standard folders.
    package static func path(of program: String) -> String? {
        let listed = unsafe getenv("PATH").map { unsafe String(cString: $0) } ?? ""
        let folders = listed.split(separator: ":").map(String.init) + standardFolders
        return folders.map { "\($0)/\(program)" }.first { isProgram($0) }
    }

    package static func isProgram(_ path: String) -> Bool { unsafe access(path, X_OK) == 0 }
}
