import CEBPF
import LinuxHost
import RuleIR

/// The file systems of BPF objects and of cgroups.
struct MountTable {
    private let mounts: [(kind: Substring, path: String)]

    /// Reads the mounts of this process.
    init() throws(BackendError) {
        let text: String
        do {
            text = try KernelFile.contents(of: "/proc/self/mountinfo")
        } catch {
            throw .failed(operation: "reading /proc/self/mountinfo", reason: error.reason)
        }
        mounts = text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let separator = words.firstIndex(of: "-"), words.count > separator + 1,
                words.count > 4
            else { return nil }
            return (words[separator + 1], Self.unescaped(words[4]))
        }
    }

    var bpffs: [String] { paths(of: "bpf") }
    var cgroup2: [String] { paths(of: "cgroup2") }

    private func paths(of kind: String) -> [String] {
        var found: [String] = []
        for mount in mounts where mount.kind == kind && !found.contains(mount.path) {
            found.append(mount.path)
        }
        return found
    }

    /// The kernel writes a space, a tab, a newline and a backslash in octal: `\040`.
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"),
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
