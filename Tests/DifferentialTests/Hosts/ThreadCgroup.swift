import Foundation

/// A cgroup for the thread that makes it, which returns to its own at the end.
///
/// Other threads of the process stay where they are.
final class ThreadCgroup {
    struct Missing: Error, CustomStringConvertible {
        let description = "cgroup v2 is not mounted"
    }

    private let former: URL
    private let folder: URL

    init() throws {
        let mounts = try String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)
        let mount = mounts.split(separator: "\n").map { $0.split(separator: " ") }
            .first { $0.count > 2 && $0[2] == "cgroup2" }?[1]
        let groups = try String(contentsOfFile: "/proc/thread-self/cgroup", encoding: .utf8)
        let own = groups.split(separator: "\n").first { $0.hasPrefix("0::") }?.dropFirst(3)
        guard let mount, let own else { throw Missing() }
        former = URL(fileURLWithPath: String(mount + own))
        folder = former.appendingPathComponent("tproxy-differential-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        do {
            try Self.write("threaded", to: folder.appendingPathComponent("cgroup.type"))
            try enter(folder)
        } catch {
            rmdir(folder.path)
            throw error
        }
    }

    func end() {
        try? enter(former)
        rmdir(folder.path)
    }

    private func enter(_ place: URL) throws {
        // 0 is the thread that writes.
        try Self.write("0", to: place.appendingPathComponent("cgroup.threads"))
    }

    private static func write(_ text: String, to file: URL) throws {
        // The kernel takes a write as a whole, and no temporary file beside it.
        let handle = try FileHandle(forWritingTo: file)
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }
}
