import CEBPF
import FaultPoints
import Glibc
import LinuxHost
package import RuleIR

/// What this host offers to the programs, found by trying it; changes nothing.
package struct EBPFHost {
    private let places: HostPlaces

    package init(_ settings: EBPFSettings) {
        places = HostPlaces(settings: settings)
    }

    /// A feature of the kernel that the programs need.
    package struct Feature: Hashable, Sendable {
        package var name: String
        /// The first version of Linux that has it.
        package var since: String
        /// The kernel's error; nil if the kernel has it.
        package var problem: String?
    }

    /// Another program on one of our hooks.
    package struct AttachedProgram: Hashable, Sendable {
        package var id: UInt32
        /// The name, of which the kernel keeps 15 bytes.
        package var name: String
        package var hook: String
    }

    /// The release of the kernel, such as `6.1.0-28-amd64`.
    package var release: String {
        var name = utsname()
        guard unsafe uname(&name) == 0 else { return "" }
        return KernelObject.text(&name.release)
    }

    package var hasLibrary: Bool { cebpf_has_library() }

    /// Tries each feature; throws if the process may not.
    package func features() throws(BackendError) -> [Feature] {
        var features: [Feature] = []
        for number in 0..<Int32(CEBPF_FEATURES.rawValue) {
            let isOfInterface = number == Int32(CEBPF_LOOKUP_INTERFACE.rawValue)
            guard !isOfInterface || places.settings.interface != nil else { continue }
            let result = systemCall(.bpfRead) { cebpf_try(number) }
            let code = errno
            if result != 0, code == EPERM || code == EACCES {
                throw .notPermitted(isReading: true)
            }
            features.append(
                Feature(
                    name: unsafe String(cString: cebpf_feature_name(number)),
                    since: unsafe String(cString: cebpf_feature_version(number)),
                    problem: result == 0 ? nil : unsafe String(cString: strerror(code))))
        }
        return features
    }

    /// The cgroup that apply would attach the programs to.
    package func cgroup() throws(BackendError) -> String { try places.cgroup() }

    /// The BPF file system that apply would pin links in.
    package func bpffs() throws(BackendError) -> String { try places.bpffs() }

    /// The places at which cgroup v2 is mounted.
    package func cgroupMounts() throws(BackendError) -> [String] { try MountTable().cgroup2 }

    /// Returns the programs on our hooks that aren't of tproxy, in the order in which they run.
    package func foreignPrograms() throws(BackendError) -> [AttachedProgram] {
        let path = try places.cgroup()
        return try reporting(isReading: true) { () throws(KernelFailure) in
            let cgroup = try KernelObject(opening: path, isFolder: true)
            let namespace = try KernelObject(opening: "/proc/thread-self/ns/net", isFolder: false)
            var found: [AttachedProgram] = []
            for program in HookedProgram.all {
                let target = program.isOfNamespace ? namespace.number : cgroup.number
                for id in try Self.attached(target, program) {
                    // It may be gone meanwhile.
                    guard let object = try Self.program(id) else { continue }
                    let name = try object.programFacts().name
                    guard name != program.kernelName else { continue }
                    found.append(AttachedProgram(id: id, name: name, hook: program.hook))
                }
            }
            return found
        }
    }

    private static func attached(
        _ target: Int32, _ program: HookedProgram
    ) throws(KernelFailure) -> [UInt32] {
        var programs = [UInt32](repeating: 0, count: 64)
        var count = UInt32(programs.count)
        let result = systemCall(.bpfRead) {
            unsafe cebpf_attached(target, program.number, &programs, &count)
        }
        // A kernel without the hook has no programs on it.
        guard result == 0 else {
            guard errno == EINVAL else { throw KernelFailure("listing attached programs") }
            return []
        }
        return Array(programs.prefix(Int(count)))
    }

    private static func program(_ id: UInt32) throws(KernelFailure) -> KernelObject? {
        do throws(KernelFailure) {
            return try KernelObject.program(id)
        } catch {
            guard error.code == ENOENT else { throw error }
            return nil
        }
    }
}
