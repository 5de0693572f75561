import LinuxHost

/// The first process of a pod, which holds the pod's namespaces.
struct PodSandbox: Hashable, Sendable {
    var process: Int
    /// When the process started, in ticks since the kernel did: tells it from a later one with the
    /// same number.
    var start: UInt64
}

/// Finds the processes of pods in /proc: no interface of a container runtime is needed.
///
/// The name of a process's cgroup holds the UID of its pod, whatever the runtime, the cgroup driver
/// and the version of cgroups.
struct SandboxSearch {
    /// Where the node's /proc is mounted.
    let folder: String

    /// Returns the oldest process of each pod in `uids`.
    ///
    /// The sandbox is a pod's first process. Containers start later, and may make network
    /// namespaces of their own.
    func sandboxes(of uids: Set<String>) -> [String: PodSandbox] {
        guard !uids.isEmpty, let names = try? KernelFolder.names(in: folder) else { return [:] }
        var found: [String: PodSandbox] = [:]
        for name in names {
            guard let process = Int(name), let uid = pod(of: process), uids.contains(uid),
                let start = start(of: process)
            else { continue }
            if let other = found[uid], (other.start, other.process) <= (start, process) { continue }
            found[uid] = PodSandbox(process: process, start: start)
        }
        return found
    }

    /// Whether the process is still the one that was found.
    func isThere(_ sandbox: PodSandbox) -> Bool { start(of: sandbox.process) == sandbox.start }

    func networkPath(of sandbox: PodSandbox) -> String { "\(folder)/\(sandbox.process)/ns/net" }

    /// Returns the UID of the pod that a process belongs to; nil if it belongs to none.
    private func pod(of process: Int) -> String? {
        guard let text = try? KernelFile.contents(of: "\(folder)/\(process)/cgroup") else {
            return nil
        }
        for line in text.split(separator: "\n") {
            if let uid = PodCgroup.uid(inPath: line) { return uid }
        }
        return nil
    }

    /// Returns the start time of a process, field 22 of proc_pid_stat(5).
    private func start(of process: Int) -> UInt64? {
        guard let text = try? KernelFile.contents(of: "\(folder)/\(process)/stat"),
            let end = text.lastIndex(of: ")")
        else { return nil }
        let fields = text[end...].split(separator: " ")
        // The first of these is the parenthesis behind the name, field 2.
        return fields.count > 20 ? UInt64(fields[20]) : nil
    }
}
