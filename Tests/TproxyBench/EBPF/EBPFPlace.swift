import Glibc
import LinuxHost

/// A BPF file system and a cgroup for one run.
///
/// The programs are attached to the cgroup. The measuring process is in it while it measures them,
/// and otherwise where it was, so that they don't run for others.
struct EBPFPlace {
    let bpffs: String
    /// The folder of the cgroup.
    let cgroup: String
    private let former: String
    private let workshop: Workshop

    init(_ workshop: Workshop) throws(BenchError) {
        let root = try Self.mountPoint()
        self.workshop = workshop
        bpffs = workshop.path("bpf")
        cgroup = "\(root)/tproxy-bench-\(getpid())"
        let line = try TextFile.read("/proc/self/cgroup").split(separator: "\n").first {
            $0.hasPrefix("0::/")
        }
        former = root + (line?.dropFirst(3) ?? "/")
        try Self.makeFolder(bpffs)
        try workshop.run(.installed("mount", ["-t", "bpf", "bpf", bpffs]))
        try Self.makeFolder(cgroup)
    }

    /// The folder where cgroup v2 is mounted.
    private static func mountPoint() throws(BenchError) -> String {
        for line in try TextFile.read("/proc/self/mounts").split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.count > 2, words[2] == "cgroup2" { return String(words[1]) }
        }
        throw .system(step: "looking for cgroup v2", reason: "it isn't mounted")
    }

    private static func makeFolder(_ path: String) throws(BenchError) {
        guard unsafe mkdir(path, 0o755) == 0 else {
            throw .system(step: "making \(path)", reason: BenchError.lastReason)
        }
    }

    /// Moves this process into the cgroup, or back.
    func enter(_ isInside: Bool) throws(BenchError) {
        try TextFile.write("\(isInside ? cgroup : former)/cgroup.procs", "\(getpid())\n")
    }

    /// The programs are detached when the file system with their links is gone.
    func remove() {
        try? enter(false)
        if let call = try? ProgramCall.installed("umount", [bpffs]) { try? workshop.run(call) }
        _ = unsafe rmdir(bpffs)
        _ = unsafe rmdir(cgroup)
    }
}
