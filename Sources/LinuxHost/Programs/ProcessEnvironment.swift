import CLinux

/// The environment variables of this process (environ(7)).
package enum ProcessEnvironment {
    /// The variables by name, as of the first access.
    ///
    /// Bytes that aren't UTF-8 are replaced.
    package static let variables: [String: String] = {
        var variables: [String: String] = [:]
        guard var next = unsafe clinux_environment() else { return [:] }
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            // Of two variables with one name, getenv(3) returns the first.
            if let end = text.firstIndex(of: "="), variables[String(text[..<end])] == nil {
                variables[String(text[..<end])] = String(text[text.index(after: end)...])
            }
            unsafe next += 1
        }
        return variables
    }()
}
