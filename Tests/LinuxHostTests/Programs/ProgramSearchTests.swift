import Foundation
import LinuxHost
import Testing
import TproxyTestSupport

/// Which program is run if several folders have one of that name.
@Suite struct ProgramSearchTests {
    /// A folder below the one for temporary files, which every user can write.
    private let root: String
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        root = folder.url.path
    }

    private func program(_ name: String, mode: Int = 0o755) throws -> String {
        try FileManager.default.createDirectory(
            atPath: (root + "/" + name as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true)
        try "#!/bin/sh\n".write(toFile: root + "/" + name, atomically: false, encoding: .utf8)
        chmod(root + "/" + name, mode_t(mode))
        return root + "/" + name
    }

    @Test func systemFoldersAreSearchedFirst() throws {
        _ = try program("bin/sh")
        #expect(ProgramSearch.path(of: "sh", searched: root + "/bin:/bin") == "/usr/bin/sh")
    }

    @Test func folderBelowAWritableOneIsSkipped() throws {
        let path = try program("bin/tproxy-no-such-program")
        #expect(
            ProgramSearch.path(of: "tproxy-no-such-program", searched: root + "/bin") == nil,
            "\(path) is below a folder that every user can write")
    }

    /// Only root can write the parent folders of a folder below /var/lib.
    @Test(
        .enabled(if: geteuid() == 0),
        arguments: [
            (0o755, 0, 0o755, true), (0o777, 0, 0o755, false), (0o775, 7, 0o755, false),
            (0o755, 0, 0o777, false), (0o755, 0, 0o644, false), (0o1777, 0, 0o755, false),
        ])
    func onlyProgramsThatRootAloneCanWriteAreFound(
        folderMode: Int, group: Int, mode: Int, isRun: Bool
    ) throws {
        let place = "/var/lib/tproxy-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: place) }
        let path = place + "/tproxy-no-such-program"
        try "#!/bin/sh\n".write(toFile: path, atomically: false, encoding: .utf8)
        chmod(path, mode_t(mode))
        chown(place, 0, gid_t(group))
        chmod(place, mode_t(folderMode))
        let found = ProgramSearch.path(of: "tproxy-no-such-program", searched: place)
        #expect(found == (isRun ? path : nil))
        // Owned by another user, and through a link.
        chown(place, 12, 0)
        #expect(ProgramSearch.path(of: "tproxy-no-such-program", searched: place) == nil)
        let link = place + "-link"
        symlink(place, link)
        defer { unlink(link) }
        #expect(ProgramSearch.path(of: "tproxy-no-such-program", searched: link) == nil)
    }

    @Test func foldersAndPlainFilesAreNoPrograms() throws {
        try FileManager.default.createDirectory(
            atPath: root + "/nft", withIntermediateDirectories: false)
        #expect(!ProgramSearch.isProgram(root + "/nft"))
        #expect(!ProgramSearch.isProgram(try program("plain", mode: 0o644)))
        #expect(!ProgramSearch.isProgram(root + "/missing"))
        #expect(ProgramSearch.isProgram(try program("real")))
    }

    @Test func relativeFolderIsSkipped() {
        #expect(ProgramSearch.path(of: "tproxy-no-such-program", searched: ".:bin::") == nil)
    }
}
