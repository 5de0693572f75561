package import Glibc

/// The folder of a process in /proc; see proc(5).
package struct ProcessFolder: Hashable, Sendable {
    package let process: pid_t

    package init(_ process: pid_t) {
        self.process = process
    }

    /// All processes that this one may see; empty without /proc.
    package static var all: [ProcessFolder] {
        let names = (try? KernelFolder.names(in: "/proc")) ?? []
        return names.compactMap { pid_t($0).map(ProcessFolder.init) }
    }

    private var path: String { "/proc/\(process)" }

    /// The program's name, at most 15 bytes.
    package var name: String? {
        (try? KernelFile.contents(of: "\(path)/comm"))?.split(separator: "\n").first
            .map(String.init)
    }

    /// Reads the file `status`; see proc_pid_status(5).
    package func status() throws(ReadFailure) -> [UInt8] {
        try KernelFile.bytes(of: "\(path)/status")
    }

    /// The letter of the process's state: `T` if it is stopped.
    package var state: Character? {
        // The line is `1234 (a name) T 1 …`; the name may contain parentheses.
        (try? KernelFile.contents(of: "\(path)/stat"))?.split(separator: ")").last?
            .drop { $0 == " " }.first
    }

    /// Calls `body` with the target of each open descriptor, such as `socket:[1234]` or a path.
    package func forEachOpenFile(
        _ body: (ArraySlice<UInt8>) -> Void
    ) throws(ReadFailure) {
        try KernelFolder.forEachTarget(in: "\(path)/fd", body)
    }

    /// The process's network namespace, `net:[NUMBER]`.
    package var networkNamespace: String? {
        try? KernelFile.target(of: "\(path)/ns/net")
    }

    /// The network namespace of the calling thread, `net:[NUMBER]`.
    package static var ownNetworkNamespace: String? {
        try? KernelFile.target(of: "/proc/thread-self/ns/net")
    }
}
