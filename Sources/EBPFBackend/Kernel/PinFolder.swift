import CEBPF
import FaultPoints
import Glibc
import LinuxHost
import RuleIR

/// The folder in a BPF file system that holds the links and the lasting maps of an instance.
///
/// Its name has the cookie of the network namespace, which no other namespace gets before the host
/// boots again.
struct PinFolder: Hashable {
    private static let prefix = "tproxy-"

    let path: String

    init(in bpffs: String, _ cookie: UInt64, _ instance: InstanceName) {
        path = "\(bpffs)/\(Self.prefix)\(cookie)-\(instance)"
    }

    func link(of program: HookedProgram) -> String { "\(path)/\(program.name)" }

    /// The path of a map that stays; one of another layout has another name.
    func map(_ number: Int32) -> String {
        let name = unsafe String(cString: cebpf_map_name(number))
        return "\(path)/\(name)-\(TPROXY_EBPF_LAYOUT)"
    }

    /// Returns the folders of an instance in the BPF file systems of this host.
    ///
    /// They are below the mount point, or below a folder in it.
    static func all(
        _ cookie: UInt64, _ instance: InstanceName, in mounts: MountTable
    ) throws(BackendError) -> [PinFolder] {
        var found: [PinFolder] = []
        for mount in mounts.bpffs {
            let below: [String]
            do {
                below = try KernelFolder.names(in: mount)
            } catch {
                // Only root may open it, as is usual. This process can't use programs in it either.
                guard error != .system(code: EACCES) else { continue }
                throw .failed(operation: "reading \(mount)", reason: error.reason)
            }
            let places = [mount] + below.filter { !$0.hasPrefix(prefix) }.map { "\(mount)/\($0)" }
            found += places.map { PinFolder(in: $0, cookie, instance) }.filter(\.exists)
        }
        return found
    }

    /// Returns the folders whose network namespace is gone.
    ///
    /// The link to a namespace says so. Those to a cgroup stay, and their programs do nothing.
    static func abandoned(in mounts: MountTable) -> [PinFolder] {
        let lookup = HookedProgram.all.first(where: \.isOfNamespace)
        guard let lookup else { return [] }
        return mounts.bpffs.flatMap { mount -> [PinFolder] in
            let names = (try? KernelFolder.names(in: mount)) ?? []
            return names.filter { $0.hasPrefix(prefix) }.map { PinFolder(path: "\(mount)/\($0)") }
        }.filter { folder in
            guard let link = try? KernelObject.pinned(at: folder.link(of: lookup)) else {
                return false
            }
            return (try? link.linkFacts())?.target == 0
        }
    }

    private init(path: String) {
        self.path = path
    }

    var exists: Bool {
        systemCall(.fileStatus) { unsafe access(path, F_OK) } == 0
    }

    func make() throws(KernelFailure) {
        let result = systemCall(.folderMake) { unsafe mkdir(path, 0o700) }
        guard result == 0 || errno == EEXIST else { throw KernelFailure("creating \(path)") }
    }

    /// Deletes everything in the folder, and the folder.
    func remove() throws(KernelFailure) {
        for name in (try? KernelFolder.names(in: path)) ?? [] {
            try Self.unpin("\(path)/\(name)")
        }
        let result = systemCall(.fileDelete) { unsafe rmdir(path) }
        guard result == 0 || errno == ENOENT else { throw KernelFailure("deleting \(path)") }
    }

    static func unpin(_ path: String) throws(KernelFailure) {
        let result = systemCall(.fileDelete) { unsafe unlink(path) }
        guard result == 0 || errno == ENOENT else { throw KernelFailure("deleting \(path)") }
    }
}
