import Addressing
import Glibc
import HostFacts

/// The processes of this host and the sockets that they have open, as far as we may see them.
struct ProcessTable {
    struct Process {
        var id: Int
        var parent: Int
        var name: String
        /// The filesystem user, which is the owner that netfilter sees of new sockets.
        var user: UserID
        var sockets: Set<UInt32>
    }

    private(set) var processes: [Process] = []
    /// Whether the open files of some process are hidden from us.
    private(set) var isPartial = false

    init() {
        for name in Self.entries(of: "/proc") {
            guard let id = Int(name) else { continue }
            guard case .success(let status) = HostReader.contents(of: "/proc/\(id)/status"),
                var process = Self.process(id, status)
            else { continue }
            switch Self.sockets(of: id) {
            case .success(let sockets): process.sockets = sockets
            // A process that has just ended hides nothing.
            case .failure(let hidden): isPartial = isPartial || hidden.code != ENOENT
            }
            processes.append(process)
        }
    }

    /// Those that have the socket open.
    func holders(of inode: UInt32) -> [Process] {
        processes.filter { $0.sockets.contains(inode) }
    }

    /// Reads proc_pid_status(5).
    static func process(_ id: Int, _ status: String) -> Process? {
        var fields: [Substring: [Substring]] = [:]
        for line in status.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            fields[parts[0]] = parts[1].split { $0 == "\t" || $0 == " " }
        }
        // Real, effective, saved and filesystem.
        guard let name = fields["Name"]?.joined(separator: " "),
            let parent = fields["PPid"]?.first.flatMap({ Int($0) }),
            let users = fields["Uid"], users.count == 4, let user = UserID(users[3])
        else { return nil }
        return Process(id: id, parent: parent, name: name, user: user, sockets: [])
    }

    private struct Hidden: Error {
        /// An errno(3) value.
        var code: Int32
    }

    /// The inodes of the process's sockets.
    private static func sockets(of id: Int) -> Result<Set<UInt32>, Hidden> {
        let folder = "/proc/\(id)/fd"
        guard unsafe access(folder, R_OK | X_OK) == 0 else {
            return .failure(Hidden(code: errno))
        }
        var inodes: Set<UInt32> = []
        for entry in entries(of: folder) {
            var target = [CChar](repeating: 0, count: 64)
            let length = unsafe readlink("\(folder)/\(entry)", &target, target.count)
            guard length > 0 else {
                if errno == EACCES { return .failure(Hidden(code: EACCES)) }
                continue
            }
            let text = String(
                decoding: target.prefix(length).map(UInt8.init(bitPattern:)), as: UTF8.self)
            guard text.hasPrefix("socket:["), let inode = UInt32(text.dropFirst(8).dropLast())
            else { continue }
            inodes.insert(inode)
        }
        return .success(inodes)
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
