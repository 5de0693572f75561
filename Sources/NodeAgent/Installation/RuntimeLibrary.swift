import LinuxHost

/// The version of libcni that the node's container runtime was built with.
///
/// A program in Go records the versions of its modules. So the running program itself tells whether
/// it reads drop-in files, without a table of runtimes and their versions.
struct RuntimeLibrary {
    /// The names of the programs that call plugins for the kubelet.
    private static let programs = ["containerd", "crio"]
    private static let pattern = Array("github.com/containernetworking/cni\tv".utf8)
    /// The first version of libcni that reads drop-in files.
    private static let firstWithDropIns = [1, 3, 0]

    /// Where the node's /proc is mounted.
    let folder: String

    /// Whether every container runtime of the node is known to read drop-in files.
    var readsDropIns: Bool {
        let versions = programs.map(version)
        guard !versions.isEmpty else { return false }
        return versions.allSatisfy { version in
            guard let version else { return false }
            return !version.lexicographicallyPrecedes(Self.firstWithDropIns)
        }
    }

    /// The files of the running runtimes.
    private var programs: [String] {
        let names = (try? KernelFolder.names(in: folder)) ?? []
        return names.filter { Int($0) != nil }.filter { process in
            let name = try? KernelFile.contents(of: "\(folder)/\(process)/comm", upTo: 64)
            return name.map { name in Self.programs.contains { name == $0 + "\n" } } ?? false
        }.map { "\(folder)/\($0)/exe" }
    }

    /// Returns the version of libcni in a program; nil if it records none.
    private func version(in program: String) -> [Int]? {
        guard
            let bytes = try? FileSearch.bytes(after: Self.pattern, in: program, count: 24)
        else { return nil }
        return Self.version(String(decoding: bytes, as: UTF8.self))
    }

    /// Reads a version such as `1.3.0` at the beginning of a text; a version before a release, such
    /// as `1.3.0-rc.1`, is none.
    static func version(_ text: String) -> [Int]? {
        let end = text.firstIndex { !$0.isASCII || !($0.isNumber || $0 == ".") } ?? text.endIndex
        guard end == text.endIndex || text[end] == "\t" else { return nil }
        let parts = text[..<end].split(separator: ".", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int($0) }
        return numbers.count == 3 && parts.count == 3 ? numbers : nil
    }
}
