import CLinux

/// The environment variables of this process (environ(7)).
package enum ProcessEnvironment {
    /// By name, as they were when they were first asked for.
    ///
    /// A value that isn't UTF-8 is repaired.
    package static let variables: [String: String] = {
        var variables: [String: String] = [:]
        guard var next = unsafe clinux_environment() else { return [:] }
        while let entry = unsafe next.pointee {
            let text = unsafe String(cString: entry)
            // The first of two with one name is getenv(3)'s.
            if let end = text.firstIndex(of: "="), variables[String(text[..<end])] == nil {
                variables[String(text[..<end])] = String(text[text.index(after: end)...])
            }
            unsafe next += 1
        }
        return variables
    }()
}
