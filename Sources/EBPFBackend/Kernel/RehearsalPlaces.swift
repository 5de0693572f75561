import CEBPF
import FaultPoints
import Glibc
import LinuxHost
import RuleIR

/// A BPF file system that is mounted nowhere: it ends with the process, and its links with it.
final class UnmountedBPFFS: Sendable {
    private let descriptor: Int32

    init() throws(BackendError) {
        let made = systemCall(.fileOpen) { cebpf_unmounted_bpffs() }
        guard made >= 0 else {
            throw BackendError(KernelFailure("creating a BPF file system"))
        }
        descriptor = made
    }

    deinit { close(descriptor) }

    var path: String { "/proc/self/fd/\(descriptor)" }
}

extension HostPlaces {
    /// The places of a rehearsal, whose interfaces and addresses aren't those of the host.
    func rehearsing() throws(BackendError) -> HostPlaces {
        var settings = EBPFSettings()
        settings.programsPath = self.settings.programsPath
        return HostPlaces(settings: settings, own: try UnmountedBPFFS())
    }

    /// Returns the cgroup of this thread; nil if its folder isn't mounted here.
    static func cgroupOfThread(_ mounts: MountTable) -> String? {
        CgroupFile.unified(in: "/proc/thread-self/cgroup").flatMap { path in
            mounts.cgroup2.map { $0 + path }.first { unsafe cebpf_is_cgroup2($0) }
        }
    }
}
