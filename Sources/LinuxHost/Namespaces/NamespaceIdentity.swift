import Glibc
import Netlink

/// The network namespace of the calling thread, as long as the kernel runs.
package struct NamespaceIdentity: Hashable, Sendable {
    /// The number of this start of the kernel.
    package var boot: String
    /// The inode of the namespace; another namespace may get the number of one that is gone.
    package var inode: Int
    /// A number that no other namespace gets; nil before Linux 5.14.
    package var cookie: Int?

    package init(boot: String, inode: Int, cookie: Int?) {
        self.boot = boot
        self.inode = inode
        self.cookie = cookie
    }

    /// The present namespace; throws the error of a file in /proc.
    package static var current: NamespaceIdentity {
        get throws(ReadFailure) {
            let boot = try KernelFile.contents(of: "/proc/sys/kernel/random/boot_id")
            let cookie = (try? MnlSocket(.route))?.namespaceCookie
            return NamespaceIdentity(
                boot: String(boot.prefix { $0 != "\n" }),
                inode: try currentInode,
                cookie: cookie.map { Int(truncatingIfNeeded: $0) })
        }
    }

    /// The inode of the present namespace.
    package static var currentInode: Int {
        get throws(ReadFailure) { try inode(of: "/proc/thread-self/ns/net") }
    }

    /// Whether the first process of this host or container is in the same namespace, so that what
    /// it starts is, too.
    package var isOfInit: Bool { (try? Self.inode(of: "/proc/1/ns/net")) == inode }

    private static func inode(of path: String) throws(ReadFailure) -> Int {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .system(code: errno) }
        return Int(status.st_ino)
    }
}
