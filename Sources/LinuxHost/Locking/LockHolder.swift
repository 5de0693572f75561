package import Glibc

/// A process that holds a lock.
package struct LockHolder: Hashable, Sendable {
    package var process: pid_t
    /// As /proc/PID/comm has it.
    package var name: String?
    /// Whether it was stopped, as by SIGSTOP or Ctrl-Z, and so can't go on by itself.
    package var isStopped: Bool

    private init(_ process: pid_t) {
        self.process = process
        name = (try? KernelFile.contents(of: "/proc/\(process)/comm"))?
            .split(separator: "\n").first.map(String.init)
        // `1234 (a name) T 1 …`; a name may have parentheses.
        let state = (try? KernelFile.contents(of: "/proc/\(process)/stat"))?
            .split(separator: ")").last?.drop { $0 == " " }.first
        isStopped = state == "T"
    }

    /// `NAME (process NUMBER)`, and how to get on where it is stopped.
    package var words: String {
        let holder = "\(name ?? "a program") (process \(process))"
        return isStopped
            ? "\(holder), which is stopped; run 'kill -CONT \(process)', or end it" : holder
    }

    /// The process that has an flock(2) on the file, if it can be told.
    package static func ofFile(_ path: String) -> LockHolder? {
        var status = stat()
        guard unsafe stat(path, &status) == 0,
            let locks = try? KernelFile.contents(of: "/proc/locks")
        else {
            return nil
        }
        // 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[5].split(separator: ":").last == "\(status.st_ino)",
                let process = pid_t(fields[4]), process > 0
            else { continue }
            return LockHolder(process)
        }
        return nil
    }

    /// The process whose socket is bound to a group of nfnetlink_log, if it can be told.
    ///
    /// Only root may read which groups are bound, and other users' open files.
    package static func ofLogGroup(_ group: UInt16) -> LockHolder? {
        // group, the socket's port, …
        let groups = table("/proc/thread-self/net/netfilter/nfnetlink_log")
        guard let port = groups.first(where: { $0.first == "\(group)" })?.dropFirst().first,
            // sk, protocol, port, …, inode
            let inode = table("/proc/thread-self/net/netlink").first(where: { fields in
                fields.count > 3 && fields[1] == netfilter && fields[2] == port
            })?.last
        else { return nil }
        let socket = "socket:[\(inode)]"
        // The kernel's first choice for a port is the process's number.
        if let likely = pid_t(port), hasOpen(socket, likely) { return LockHolder(likely) }
        return names(in: "/proc").lazy.compactMap { pid_t($0) }
            .first { hasOpen(socket, $0) }.map { LockHolder($0) }
    }

    /// NETLINK_NETFILTER of <linux/netlink.h>.
    private static let netfilter = "12"

    private static func table(_ path: String) -> [[Substring]] {
        ((try? KernelFile.contents(of: path)) ?? "").split(separator: "\n")
            .map { $0.split(separator: " ") }
    }

    private static func hasOpen(_ file: String, _ process: pid_t) -> Bool {
        let folder = "/proc/\(process)/fd"
        return names(in: folder).contains { name in
            var buffer = [CChar](repeating: 0, count: 64)
            let count = unsafe readlink("\(folder)/\(name)", &buffer, buffer.count)
            return count > 0
                && String(
                    decoding: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
                    == file
        }
    }

    private static func names(in folder: String) -> [String] {
        guard let stream = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(
                    to: CChar.self, capacity: MemoryLayout.size(ofValue: pointer.pointee)
                ) { unsafe String(cString: $0) }
            }
            names.append(name)
        }
        return names
    }
}
