package import Glibc

/// What /proc tells of a process; see proc(5).
package struct ProcessFolder: Hashable, Sendable {
    package let process: pid_t

    package init(_ process: pid_t) {
        self.process = process
    }

    /// All processes that we may see; none where there is no /proc.
    package static var all: [ProcessFolder] {
        let names = (try? KernelFolder.names(in: "/proc")) ?? []
        return names.compactMap { pid_t($0).map(ProcessFolder.init) }
    }

    private var path: String { "/proc/\(process)" }

    /// The program's name, of at most 15 bytes.
    package var name: String? {
        (try? KernelFile.contents(of: "\(path)/comm"))?.split(separator: "\n").first
            .map(String.init)
    }

    /// proc_pid_status(5).
    package func status() throws(ReadFailure) -> [UInt8] {
        try KernelFile.bytes(of: "\(path)/status")
    }

    /// The letter of its state: `T` for a process that was stopped.
    package var state: Character? {
        // `1234 (a name) T 1 …`; a name may have parentheses.
        (try? KernelFile.contents(of: "\(path)/stat"))?.split(separator: ")").last?
            .drop { $0 == " " }.first
    }

    /// Hands on what each open file is: `socket:[1234]`, a path.
    package func forEachOpenFile(
        _ body: (ArraySlice<UInt8>) -> Void
    ) throws(ReadFailure) {
        try KernelFolder.forEachTarget(in: "\(path)/fd", body)
    }

    /// Its network namespace, `net:[NUMBER]`.
    package var networkNamespace: String? {
        try? KernelFile.target(of: "\(path)/ns/net")
    }

    /// That of the calling thread.
    package static var ownNetworkNamespace: String? {
        try? KernelFile.target(of: "/proc/thread-self/ns/net")
    }
}
