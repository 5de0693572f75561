package import Glibc

/// A process that holds a lock.
package struct LockHolder: Hashable, Sendable {
    package var process: pid_t
    /// The name in /proc/PID/comm.
    package var name: String?
    /// Whether the process is stopped, as by SIGSTOP or Ctrl-Z, and needs another to continue.
    package var isStopped: Bool

    private init(_ process: pid_t) {
        self.process = process
        let folder = ProcessFolder(process)
        name = folder.name
        isStopped = folder.state == "T"
    }

    /// The text `NAME (process NUMBER)`, with a remedy if the process is stopped.
    package var words: String {
        let holder = "\(name ?? "a program") (process \(process))"
        return isStopped
            ? "\(holder), which is stopped; run 'kill -CONT \(process)', or end it" : holder
    }

    /// Returns the process that has an flock(2) on the file; nil if unknown.
    package static func ofFile(_ path: String) -> LockHolder? {
        var status = stat()
        guard unsafe stat(path, &status) == 0,
            let locks = try? KernelFile.contents(of: "/proc/locks")
        else {
            return nil
        }
        // The format is `1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF`.
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[5].split(separator: ":").last == "\(status.st_ino)",
                let process = pid_t(fields[4]), process > 0
            else { continue }
            return LockHolder(process)
        }
        return nil
    }

    /// Returns the process whose socket is bound to a group of nfnetlink_log; nil if unknown.
    ///
    /// Only root may read the bound groups and other users' open files.
    package static func ofLogGroup(_ group: UInt16) -> LockHolder? {
        // The fields are the group, the socket's port and others.
        let groups = table("/proc/thread-self/net/netfilter/nfnetlink_log")
        guard let port = groups.first(where: { $0.first == "\(group)" })?.dropFirst().first,
            // The fields are the socket, protocol, port, …, and inode.
            let inode = table("/proc/thread-self/net/netlink").first(where: { fields in
                fields.count > 3 && fields[1] == netfilter && fields[2] == port
            })?.last
        else { return nil }
        let socket = "socket:[\(inode)]"
        // The kernel's first choice of a port is the process ID.
        if let likely = pid_t(port), hasOpen(socket, likely) { return LockHolder(likely) }
        return ProcessFolder.all.lazy.map(\.process).first { hasOpen(socket, $0) }
            .map { LockHolder($0) }
    }

    /// NETLINK_NETFILTER of <linux/netlink.h>.
    private static let netfilter = "12"

    private static func table(_ path: String) -> [[Substring]] {
        ((try? KernelFile.contents(of: path)) ?? "").split(separator: "\n")
            .map { $0.split(separator: " ") }
    }

    private static func hasOpen(_ file: String, _ process: pid_t) -> Bool {
        var isOpen = false
        try? ProcessFolder(process).forEachOpenFile { target in
            if target.elementsEqual(file.utf8) { isOpen = true }
        }
        return isOpen
    }
}
