import Glibc

/// Who holds a lock.
package enum LockHolder {
    /// `NAME (process NUMBER)` of the process that has an flock(2) on the file, if it can be told.
    package static func describe(_ path: String) -> String? {
        var status = stat()
        guard unsafe stat(path, &status) == 0,
            let locks = try? KernelFile.contents(of: "/proc/locks")
        else {
            return nil
        }
        // 1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF
        for line in locks.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count >= 6, fields[5].split(separator: ":").last == "\(status.st_ino)"
            else { continue }
            let name = (try? KernelFile.contents(of: "/proc/\(fields[4])/comm"))?.split(
                separator: "\n"
            ).first
            return "\(name.map(String.init) ?? "somebody") (process \(fields[4]))"
        }
        return nil
    }
}
