import CEBPF
import LinuxHost
import RuleIR

extension PodPlace {
    /// Levels of cgroups between the root and a pod's; a node that is a container has more.
    private static let levels = 6

    /// Returns the folder of the pod's cgroup in the cgroup v2 file system at `root`.
    func folder(in root: String) throws(BackendError) -> String {
        if let cgroup {
            let path = root + Self.path(of: cgroup)
            guard !cgroup.split(separator: "/").contains(".."), unsafe cebpf_is_cgroup2(path)
            else {
                throw .unusable(
                    "the pod's cgroup \(cgroup)", reason: "it isn't in the cgroup v2 at \(root)",
                    remedy: "set ebpf.cgroupPath to the mount point of the cgroup v2 with the pods")
            }
            return path
        }
        if let uid, let found = Self.search(uid, in: root, levels: Self.levels) { return found }
        throw .unusable(
            "the pod's cgroup", reason: "the runtime doesn't say it, and none has the pod's UID",
            remedy: "add cgroupPath to the capabilities of the plugin's entry, or use nft rules")
    }

    /// Returns the path of a cgroup; the name of a slice holds those of the slices around it.
    private static func path(of cgroup: String) -> String {
        guard !cgroup.contains("/"), cgroup.hasSuffix(".slice") else {
            return cgroup.hasPrefix("/") ? cgroup : "/\(cgroup)"
        }
        var path = ""
        var name = ""
        for part in cgroup.dropLast(".slice".count).split(separator: "-") {
            name += name.isEmpty ? String(part) : "-\(part)"
            path += "/\(name).slice"
        }
        return path
    }

    /// Searches the cgroup of a pod by the UID in its name.
    private static func search(_ uid: String, in folder: String, levels: Int) -> String? {
        // Files of a cgroup have a dot in their names, as have slices.
        let names = ((try? KernelFolder.names(in: folder)) ?? []).filter {
            !$0.utf8.contains(UInt8(ascii: ".")) || $0.hasSuffix(".slice")
        }
        if let name = names.first(where: { PodCgroup.uid(inName: $0) == uid }) {
            return "\(folder)/\(name)"
        }
        guard levels > 1 else { return nil }
        for name in names where PodCgroup.uid(inName: name) == nil {
            if let found = search(uid, in: "\(folder)/\(name)", levels: levels - 1) {
                return found
            }
        }
        return nil
    }
}
