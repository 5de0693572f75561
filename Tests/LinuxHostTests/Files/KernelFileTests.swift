import Foundation
import LinuxHost
import Testing

@Suite struct KernelFileTests {
    @Test func aFileWithoutASizeIsReadWhole() throws {
        let status = try KernelFile.contents(of: "/proc/self/status")
        #expect(status.hasPrefix("Name:"))
        #expect(status.contains("\nvoluntary_ctxt_switches:"))
    }

    /// Also where it takes several readings.
    @Test(arguments: [0, 1, (1 << 14) - 1, 1 << 14, (1 << 14) + 1, 300_000])
    func everyByteIsRead(count: Int) throws {
        let folder = TemporaryFolder()
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(bytes).write(to: URL(fileURLWithPath: folder.path("file")))
        #expect(try KernelFile.bytes(of: folder.path("file")) == bytes)
    }

    @Test func aFileAboveTheLimitIsRefused() throws {
        let folder = TemporaryFolder()
        try Data(repeating: 7, count: 100).write(to: URL(fileURLWithPath: folder.path("file")))
        #expect(try KernelFile.bytes(of: folder.path("file"), upTo: 100).count == 100)
        #expect(throws: ReadFailure.tooLarge(limit: 99)) {
            try KernelFile.bytes(of: folder.path("file"), upTo: 99)
        }
    }

    @Test func theErrorNumberIsKept() throws {
        let folder = TemporaryFolder()
        let missing = ReadFailure.system(code: ENOENT)
        #expect(missing.isAbsence)
        #expect(throws: missing) { try KernelFile.contents(of: folder.path("none")) }
        #expect(throws: missing) { try KernelFile.target(of: folder.path("none")) }
        #expect(throws: missing) { try KernelFolder.names(in: folder.path("none")) }
        let directory = ReadFailure.system(code: EISDIR)
        #expect(!directory.isAbsence)
        #expect(throws: directory) { try KernelFile.contents(of: folder.path(".")) }
        #expect(throws: ReadFailure.system(code: ENOTDIR)) {
            try KernelFolder.names(in: "/proc/self/status")
        }
    }

    @Test(.timeLimit(.minutes(15))) func aPipeWithoutAWriterIsEmpty() throws {
        let folder = TemporaryFolder()
        try #require(mkfifo(folder.path("pipe"), 0o600) == 0)
        #expect(try KernelFile.contents(of: folder.path("pipe")).isEmpty)
    }

    @Test func aFolderGivesNamesAndTargets() throws {
        let folder = TemporaryFolder()
        for (name, target) in [("a", "socket:[1]"), ("b", "/gone"), (".hidden", "no")] {
            try #require(symlink(target, folder.path(name)) == 0)
        }
        try Data().write(to: URL(fileURLWithPath: folder.path("file")))
        #expect(try KernelFolder.names(in: folder.path(".")).sorted() == ["a", "b", "file"])
        var targets: [String] = []
        try KernelFolder.forEachTarget(in: folder.path(".")) {
            targets.append(String(decoding: $0, as: UTF8.self))
        }
        #expect(targets.sorted() == ["/gone", "socket:[1]"])
    }

    @Test func aProcessIsDescribed() throws {
        let own = ProcessFolder(getpid())
        #expect(ProcessFolder.all.contains(own))
        let name = try #require(own.name)
        #expect(String(decoding: try own.status(), as: UTF8.self).hasPrefix("Name:\t\(name)\n"))
        #expect(["R", "S", "D"].contains(own.state))
        #expect(own.networkNamespace?.hasPrefix("net:[") == true)
        #expect(own.networkNamespace == ProcessFolder.ownNetworkNamespace)
        let open = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(open) }
        var status = stat()
        try #require(fstat(open, &status) == 0)
        var files: [String] = []
        try own.forEachOpenFile { files.append(String(decoding: $0, as: UTF8.self)) }
        #expect(files.contains("socket:[\(status.st_ino)]"))
    }

    @Test func aProcessThatIsGoneHasNothing() {
        // Above the highest number that Linux gives (PID_MAX_LIMIT).
        let none = ProcessFolder(1 << 22 + 1)
        #expect(none.name == nil)
        #expect(none.networkNamespace == nil)
        #expect(throws: ReadFailure.system(code: ENOENT)) { try none.status() }
        #expect(throws: ReadFailure.system(code: ENOENT)) { try none.forEachOpenFile { _ in } }
    }
}
