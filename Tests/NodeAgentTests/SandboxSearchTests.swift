import Foundation
import LinuxHost
import Testing
import TproxyTestSupport

@testable import NodeAgent

struct SandboxSearchTests {
    private static let uid = "0a1b2c3d-1111-2222-3333-444455556666"
    private static let hash = "0123456789abcdef0123456789abcdef"

    @Test(
        arguments: [
            ("0::/kubepods/burstable/pod\(uid)/abc", uid),
            ("0::/kubepods/pod\(uid)", uid),
            ("0::/../../pod\(uid)/abc", uid),
            (
                "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod"
                    + "0a1b2c3d_1111_2222_3333_444455556666.slice/cri-containerd-abc.scope", uid
            ),
            ("5:cpu,cpuacct:/kubepods/besteffort/pod\(hash)/abc", hash),
            ("0::/system.slice/containerd.service", nil), ("0::/", nil), ("", nil),
            ("0::/podman.slice/a", nil), ("0::/user/pod-of-mine/a", nil),
        ] as [(String, String?)])
    func theNameOfACgroupHoldsThePodsUID(line: String, expected: String?) {
        #expect(PodCgroup.uid(inPath: line) == expected)
    }

    /// A stand-in for /proc with processes of two pods.
    private func folder() throws -> TestFolder {
        let folder = try TestFolder()
        func add(_ process: Int, _ uid: String, name: String, start: Int) throws {
            let place = folder.url.appendingPathComponent("\(process)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try "0::/kubepods/pod\(uid)/c\n".write(
                to: place.appendingPathComponent("cgroup"), atomically: false, encoding: .utf8)
            // Fields 3 to 21, then the start, then more.
            let fields = "S" + String(repeating: " 1", count: 18)
            let stat = "\(process) (\(name)) \(fields) \(start) 0 0"
            try stat.write(
                to: place.appendingPathComponent("stat"), atomically: false, encoding: .utf8)
        }
        try add(30, Self.uid, name: "app) S 1 (", start: 900)
        try add(7, Self.uid, name: "late", start: 1200)
        try add(400, Self.uid, name: "pause", start: 500)
        try add(12, Self.hash, name: "pause", start: 100)
        try add(13, "ffffffff-1111-2222-3333-444455556666", name: "pause", start: 1)
        return folder
    }

    @Test func theSandboxIsTheOldestProcess() throws {
        let folder = try folder()
        let search = SandboxSearch(folder: folder.url.path)
        let found = search.sandboxes(of: [Self.uid, Self.hash, "absent"])
        #expect(
            found == [
                Self.uid: PodSandbox(process: 400, start: 500),
                Self.hash: PodSandbox(process: 12, start: 100),
            ])
        #expect(
            search.networkPath(of: PodSandbox(process: 400, start: 500)).hasSuffix("/400/ns/net"))
    }

    /// A number of a process may be used again.
    @Test func aLaterProcessWithTheSameNumberIsAnother() throws {
        let folder = try folder()
        let search = SandboxSearch(folder: folder.url.path)
        #expect(search.isThere(PodSandbox(process: 400, start: 500)))
        #expect(!search.isThere(PodSandbox(process: 400, start: 499)))
        #expect(!search.isThere(PodSandbox(process: 401, start: 500)))
    }

    @Test func theRealProcIsRead() throws {
        let search = SandboxSearch(folder: "/proc")
        #expect(search.sandboxes(of: ["absent"]).isEmpty)
        #expect(!search.isThere(PodSandbox(process: Int(getpid()), start: 1)))
    }

    // MARK: The runtime's library

    @Test(
        arguments: [
            ("1.3.0\th1:abc", [1, 3, 0]), ("1.2.3\n", nil), ("1.2.3\t", [1, 2, 3]),
            ("1.3.0", [1, 3, 0]),
            ("1.3.0-rc.1\t", nil), ("1.3", nil), ("", nil), ("a.b.c", nil),
        ] as [(String, [Int]?)])
    func aVersionHasThreeNumbers(text: String, expected: [Int]?) {
        #expect(RuntimeLibrary.version(text) == expected)
    }

    @Test(
        arguments: [
            ("containerd", "1.3.0", true), ("containerd", "1.4.1", true), ("crio", "2.0.0", true),
            ("containerd", "1.2.3", false), ("containerd", nil, false), ("dockerd", "1.3.0", false),
        ] as [(String, String?, Bool)])
    func theRunningRuntimeTellsWhetherItReadsDropInFiles(
        name: String, version: String?, reads: Bool
    ) throws {
        let folder = try TestFolder()
        let place = folder.url.appendingPathComponent("77")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try "\(name)\n".write(
            to: place.appendingPathComponent("comm"), atomically: false, encoding: .utf8)
        let padding = String(repeating: "x\t", count: 700_000)
        let module = version.map { "dep\tgithub.com/containernetworking/cni\tv\($0)\th1:a=\n" }
        try
            (padding + "dep\tgithub.com/containernetworking/plugins\tv9.9.9\th1:b=\n"
            + (module ?? "") + padding)
            .write(to: place.appendingPathComponent("exe"), atomically: false, encoding: .utf8)
        #expect(RuntimeLibrary(folder: folder.url.path).readsDropIns == reads)
    }

    /// The place in the file must not matter, at the end of a part least of all.
    @Test(arguments: [(1 << 20) - 60, (1 << 20) - 20, (1 << 20) - 3, (1 << 20), 0])
    func theVersionIsFoundAtTheEdgeOfAPart(offset: Int) throws {
        let folder = try TestFolder()
        let place = folder.url.appendingPathComponent("77")
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try "crio\n".write(
            to: place.appendingPathComponent("comm"), atomically: false, encoding: .utf8)
        let text =
            String(repeating: "x", count: offset)
            + "github.com/containernetworking/cni\tv1.3.0\t"
        try text.write(to: place.appendingPathComponent("exe"), atomically: false, encoding: .utf8)
        #expect(RuntimeLibrary(folder: folder.url.path).readsDropIns)
    }
}
