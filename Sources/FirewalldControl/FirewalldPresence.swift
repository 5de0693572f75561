import Glibc

/// Whether firewalld changes the rules of this network namespace.
///
/// D-Bus can't tell: a host's firewalld answers in the namespaces of pods, too, whose rules it never
/// touches.
package enum FirewalldPresence: Hashable, Sendable {
    /// It runs here.
    case running
    /// It would be started here: this is the namespace of the first process.
    case mayStart
    /// If it runs at all, then in another namespace.
    case elsewhere

    package static func look() -> FirewalldPresence {
        guard let own = namespace(of: "thread-self") else { return .elsewhere }
        // Whose namespace we may not see is taken to be in ours: a warning too many.
        let isHere = { (process: String) in (namespace(of: process) ?? own) == own }
        let runs = processes().contains { process in
            name(of: process) == "firewalld" && isHere(process)
        }
        if runs { return .running }
        return isHere("1") ? .mayStart : .elsewhere
    }

    private static func processes() -> [String] {
        guard let folder = unsafe opendir("/proc") else { return [] }
        defer { unsafe closedir(folder) }
        var processes: [String] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name.allSatisfy(\.isNumber) { processes.append(name) }
        }
        return processes
    }

    /// The program's name, as `comm` of proc(5) has it.
    private static func name(of process: String) -> String? {
        let file = unsafe open("/proc/\(process)/comm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = unsafe read(file, &bytes, bytes.count)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 != 0x0A }, as: UTF8.self)
    }

    private static func namespace(of process: String) -> String? {
        var bytes = [CChar](repeating: 0, count: 64)
        let count = unsafe readlink("/proc/\(process)/ns/net", &bytes, bytes.count - 1)
        guard count > 0 else { return nil }
        return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
