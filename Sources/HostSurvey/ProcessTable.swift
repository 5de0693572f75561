import Addressing
import Glibc

/// The processes of this host and their open sockets, as far as this process may read them.
struct ProcessTable {
    struct Process {
        var id: Int
        var parent: Int
        var name: String
        /// The filesystem UID, which netfilter sees as the owner of new sockets.
        var user: UserID
        var sockets: Set<UInt32>
    }

    private(set) var processes: [Process] = []
    /// Whether the open files of a process can't be read.
    private(set) var isPartial = false

    /// Reads all of /proc; reads open files only if `readsSockets`, since most processes have many.
    init(readsSockets: Bool) {
        var buffer = [UInt8](repeating: 0, count: Self.statusSize)
        for name in Self.entries(of: "/proc") {
            guard let id = Int(name) else { continue }
            guard let status = Self.status(of: id, &buffer),
                var process = Self.process(id, status)
            else { continue }
            if readsSockets {
                switch Self.sockets(of: id) {
                case .success(let sockets): process.sockets = sockets
                // A process that has just ended has no files.
                case .failure(let hidden): isPartial = isPartial || hidden.code != ENOENT
                }
            }
            processes.append(process)
        }
    }

    /// Returns the processes that have the socket open.
    func holders(of inode: UInt32) -> [Process] {
        processes.filter { $0.sockets.contains(inode) }
    }

    /// Reads a status file as proc_pid_status(5) describes it.
    static func process(_ id: Int, _ status: ArraySlice<UInt8>) -> Process? {
        var name: String?
        var parent: Int?
        for line in status.split(separator: UInt8(ascii: "\n"), maxSplits: statusLines) {
            if let value = value(of: "Name:", in: line) {
                name = value
            } else if let value = value(of: "PPid:", in: line) {
                parent = Int(value)
            } else if let value = value(of: "Uid:", in: line) {
                // The real, effective, saved and filesystem UID.
                let users = value.utf8.split(separator: UInt8(ascii: "\t"))
                guard users.count == 4, let user = UserID(Substring(users[3])), let name,
                    let parent
                else { return nil }
                return Process(id: id, parent: parent, name: name, user: user, sockets: [])
            }
        }
        return nil
    }

    /// Returns the value after the name and a tab; nil for a line of another name.
    private static func value(of name: String, in line: ArraySlice<UInt8>) -> String? {
        guard line.starts(with: name.utf8) else { return nil }
        return String(decoding: line.dropFirst(name.utf8.count + 1), as: UTF8.self)
    }

    /// The number of lines to read: the fields are in the first ten of more than fifty lines.
    private static let statusLines = 16
    private static let statusSize = 4096

    /// Reads the start of the file into `buffer`; nil if the process has just ended.
    private static func status(
        of process: Int, _ buffer: inout [UInt8]
    ) -> ArraySlice<UInt8>? {
        let file = unsafe open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        let count = unsafe read(file, &buffer, buffer.count)
        return count > 0 ? buffer[..<count] : nil
    }

    private struct Hidden: Error {
        /// An errno(3) value.
        var code: Int32
    }

    /// Returns the inodes of the process's sockets.
    private static func sockets(of id: Int) -> Result<Set<UInt32>, Hidden> {
        let folder = "/proc/\(id)/fd"
        guard unsafe access(folder, R_OK | X_OK) == 0 else {
            return .failure(Hidden(code: errno))
        }
        guard let directory = unsafe opendir(folder) else { return .success([]) }
        defer { unsafe closedir(directory) }
        let files = unsafe dirfd(directory)
        var inodes: Set<UInt32> = []
        var target = [UInt8](repeating: 0, count: 64)
        while let entry = unsafe readdir(directory) {
            let length = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { name in
                unsafe target.withUnsafeMutableBytes { target in
                    guard let name = unsafe name.assumingMemoryBound(to: CChar.self).baseAddress,
                        let place = unsafe target.assumingMemoryBound(to: CChar.self).baseAddress
                    else { return 0 }
                    return unsafe readlinkat(files, name, place, target.count)
                }
            }
            guard length > 0 else {
                if errno == EACCES { return .failure(Hidden(code: EACCES)) }
                continue
            }
            if let inode = inode(target[..<length]) { inodes.insert(inode) }
        }
        return .success(inodes)
    }

    /// Returns the number in `socket:[NUMBER]`.
    private static func inode(_ target: ArraySlice<UInt8>) -> UInt32? {
        guard target.starts(with: "socket:[".utf8) else { return nil }
        return UInt32(String(decoding: target.dropFirst(8).dropLast(), as: UTF8.self))
    }

    private static func entries(of folder: String) -> [String] {
        guard let directory = unsafe opendir(folder) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            names.append(name)
        }
        return names
    }
}
