import Addressing
import LinuxHost

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

    /// Reads all of /proc, and the open files of each process.
    init() {
        for folder in ProcessFolder.all {
            // The status is missing if the process has just ended.
            guard let status = try? folder.status(),
                var process = Self.process(Int(folder.process), status)
            else { continue }
            do throws(ReadFailure) {
                process.sockets = try Self.sockets(of: folder)
            } catch {
                // A process that has just ended hides nothing.
                isPartial = isPartial || !error.isAbsence
            }
            processes.append(process)
        }
    }

    /// Returns the processes that have the socket open.
    func holders(of inode: UInt32) -> [Process] {
        processes.filter { $0.sockets.contains(inode) }
    }

    /// Reads proc_pid_status(5).
    static func process(_ id: Int, _ status: [UInt8]) -> Process? {
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

    /// The inodes of the process's sockets.
    private static func sockets(of process: ProcessFolder) throws(ReadFailure) -> Set<UInt32> {
        var inodes: Set<UInt32> = []
        try process.forEachOpenFile { target in
            if let inode = inode(target) { inodes.insert(inode) }
        }
        return inodes
    }

    /// Returns the number in `socket:[NUMBER]`.
    private static func inode(_ target: ArraySlice<UInt8>) -> UInt32? {
        guard target.starts(with: "socket:[".utf8) else { return nil }
        return UInt32(String(decoding: target.dropFirst(8).dropLast(), as: UTF8.self))
    }
}
