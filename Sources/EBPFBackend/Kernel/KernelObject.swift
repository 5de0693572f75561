import CEBPF
import FaultPoints
import Glibc

/// Owns the descriptor of a map, a program, a link, or of what a link is attached to.
struct KernelObject: ~Copyable {
    let number: Int32

    init(_ number: Int32) {
        self.number = number
    }

    /// Opens a folder, such as a cgroup, or a namespace.
    init(opening path: String, isFolder: Bool) throws(KernelFailure) {
        let flags = O_RDONLY | O_CLOEXEC | (isFolder ? O_DIRECTORY : 0)
        let opened = systemCall(.fileOpen) { unsafe open(path, flags) }
        guard opened >= 0 else { throw KernelFailure("opening \(path)") }
        number = opened
    }

    /// Opens the object that is pinned at `path`; nil if there is none.
    static func pinned(at path: String) throws(KernelFailure) -> KernelObject? {
        let opened = systemCall(.bpfRead) { unsafe cebpf_pinned(path) }
        guard opened >= 0 else {
            guard errno == ENOENT else { throw KernelFailure("opening \(path)") }
            return nil
        }
        return KernelObject(opened)
    }

    deinit { close(number) }
}

/// A call that the kernel refused.
struct KernelFailure: Error, Hashable {
    var operation: String
    var code: Int32

    init(_ operation: String, code: Int32 = errno) {
        self.operation = operation
        self.code = code
    }

    var reason: String { unsafe String(cString: strerror(code)) }
}
