package import Addressing
import CEBPF
import FaultPoints
import Glibc
package import LinuxHost
import RuleIR

/// What the user says about the host, for the eBPF backend; nil is the default.
package struct EBPFSettings: Hashable, Sendable {
    /// The BPF file system that holds the links.
    package var bpffsPath: String?
    /// The cgroup whose sockets are redirected.
    package var cgroupPath: String?
    /// The folder with another build of the programs.
    package var programsPath: String?
    /// The only interface whose incoming connections are redirected.
    package var interface: InterfaceName?
    /// An address of this host that no interface has yet.
    package var instanceAddress: IPAddress?
    /// The pod whose sockets are redirected, for programs outside of it.
    ///
    /// `cgroupPath` is then where cgroup v2 is mounted.
    package var pod: PodPlace?

    package init() {}
}

/// The places of this host that the programs are attached to and kept in.
struct HostPlaces {
    let settings: EBPFSettings
    /// The file system of a rehearsal; nil for one of the host.
    var own: UnmountedBPFFS?

    /// The BPF file system for new links: the user's, Kuma's, or the system's.
    func bpffs() throws(BackendError) -> String {
        if let own { return own.path }
        let mounts = try MountTable()
        if let path = settings.bpffsPath {
            guard unsafe cebpf_is_bpffs(path) else {
                throw .unusable(
                    "the BPF file system \(path)", reason: "it isn't one",
                    remedy: "mount it: mount -t bpf bpf \(path)\(Self.also(mounts.bpffs))")
            }
            guard mounts.bpffs.contains(where: { path == $0 || Self.isBelow(path, $0) }) else {
                throw .unusable(
                    "the BPF file system \(path)",
                    reason: "it is more than one folder below its mount point",
                    remedy: "give the mount point, or a folder in it")
            }
            return path
        }
        let preferred = ["/run/kuma/bpf", "/sys/fs/bpf"] + mounts.bpffs
        guard let found = preferred.first(where: { unsafe cebpf_is_bpffs($0) }) else {
            throw .unusable(
                "/sys/fs/bpf", reason: "no BPF file system is mounted",
                remedy: "mount it: mount -t bpf bpf /sys/fs/bpf")
        }
        return found
    }

    /// Whether `path` is a folder of the file system, where links are found again.
    private static func isBelow(_ path: String, _ mount: String) -> Bool {
        path.hasPrefix("\(mount)/") && !path.dropFirst(mount.count + 1).contains("/")
    }

    /// The cgroup: the pod's, the user's, or the root of the cgroup2 file system.
    ///
    /// A process in a pod's own cgroup, such as an init container, gets that of the pod: a cgroup
    /// takes at most 64 programs for a hook, and a node may have more pods.
    func cgroup() throws(BackendError) -> String {
        let root = try cgroupRoot()
        if let pod = settings.pod { return try pod.folder(in: root) }
        guard settings.cgroupPath == nil, let pod = PodCgroup.ofThisProcess,
            unsafe cebpf_is_cgroup2(root + pod)
        else { return root }
        return root + pod
    }

    private func cgroupRoot() throws(BackendError) -> String {
        let mounts = try MountTable()
        if own != nil, let path = Self.cgroupOfThread(mounts) { return path }
        if let path = settings.cgroupPath {
            guard unsafe cebpf_is_cgroup2(path) else {
                throw .unusable(
                    "the cgroup \(path)",
                    reason: unsafe cebpf_is_cgroup1(path)
                        ? "it is a folder of cgroup v1" : "it isn't a folder of cgroup v2",
                    remedy: "set ebpf.cgroupPath to one\(Self.also(mounts.cgroup2))")
            }
            return path
        }
        let preferred = ["/sys/fs/cgroup"] + mounts.cgroup2
        guard let found = preferred.first(where: { unsafe cebpf_is_cgroup2($0) }) else {
            throw .unusable(
                "/sys/fs/cgroup", reason: "no cgroup v2 file system is mounted",
                remedy: "mount it: mount -t cgroup2 cgroup2 DIRECTORY, or use --backend nft")
        }
        return found
    }

    private static func also(_ mounts: [String]) -> String {
        mounts.first.map { "; one is mounted at \($0)" } ?? ""
    }

    /// The index of the interface of incoming connections; 0 for all.
    func interface() throws(BackendError) -> UInt32 {
        guard let name = settings.interface else { return 0 }
        let index = systemCall(.interfaceIndex) { () -> UInt32? in
            let found = unsafe if_nametoindex(name.text)
            return found == 0 ? nil : found
        }
        guard let index else {
            throw .unusable(
                "the interface \(name)", reason: "it doesn't exist",
                remedy: "set ebpf.tcAttachIface to an interface of this network namespace")
        }
        return index
    }

    /// The addresses of this host besides 127.0.0.0/8 and ::1, in the programs' form.
    func ownAddresses() throws(BackendError) -> [[UInt8]] {
        let table: InterfaceTable
        do {
            table = try InterfaceTable()
        } catch {
            throw .failed(operation: "listing the addresses of this host", reason: "\(error)")
        }
        let addresses =
            table.addresses.map(\.address) + (settings.instanceAddress.map { [$0] } ?? [])
        return Set(addresses.filter { !$0.isLoopback }.map(MappedAddress.bytes)).sorted {
            $0.lexicographicallyPrecedes($1)
        }
    }

    /// The object that the user builds; nil for the embedded one.
    func object() throws(BackendError) -> (bytes: [UInt8]?, name: String) {
        guard let folder = settings.programsPath else { return (nil, "the embedded object") }
        let path = "\(folder)/tproxy.bpf.o"
        do {
            return (try KernelFile.bytes(of: path), path)
        } catch {
            throw .unusable(
                path, reason: "it can't be read",
                remedy: "give the folder with tproxy.bpf.o, or leave ebpf.programsSourcePath out")
        }
    }
}
