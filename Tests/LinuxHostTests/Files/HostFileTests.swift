import Foundation
import LinuxHost
import Testing

/// Updates of one file, one at a time.
@Suite struct HostFileTests {
    private let folder = TemporaryFolder()

    @Test func newFileHasTheRequestedMode() throws {
        let path = folder.path("new.xml")
        // Any umask would clear a bit of this.
        let outcome = try HostFile(path).update(defaultMode: 0o666) { old in
            #expect(old == nil)
            return Array("new".utf8)
        }
        #expect(outcome == .created)
        #expect(folder.text("new.xml") == "new")
        #expect(try folder.mode("new.xml") == 0o666)
        #expect(folder.names == ["new.xml"])
    }

    @Test func oldFileKeepsItsModeOwnerAndAttributes() throws {
        let path = folder.path("old.xml")
        try folder.write("old", to: "old.xml")
        chmod(path, 0o640)
        let isRoot = getuid() == 0
        if isRoot { chown(path, 12, 34) }
        #expect(folder.setAttribute("user.note", "kept", of: "old.xml"))
        if isRoot { #expect(folder.setAttribute("security.selinux", "a_t\0", of: "old.xml")) }
        let outcome = try HostFile(path).update(defaultMode: 0o600) { old in
            (old ?? []) + Array(" and new".utf8)
        }
        #expect(outcome == .replaced)
        #expect(folder.text("old.xml") == "old and new")
        #expect(try folder.mode("old.xml") == 0o640)
        #expect(folder.attribute("user.note", of: "old.xml") == "kept")
        if isRoot {
            #expect(folder.attribute("security.selinux", of: "old.xml") == "a_t\0")
            let owner = try FileManager.default.attributesOfItem(atPath: path)
            #expect(owner[.ownerAccountID] as? Int == 12)
            #expect(owner[.groupOwnerAccountID] as? Int == 34)
        }
    }

    @Test func unchangedContentWritesNothing() throws {
        try folder.write("same", to: "same.xml")
        let before = try folder.inode("same.xml")
        #expect(
            try HostFile(folder.path("same.xml")).update(defaultMode: 0o600) { $0 } == .unchanged)
        #expect(try folder.inode("same.xml") == before)
        #expect(
            try HostFile(folder.path("none.xml")).update(defaultMode: 0o600) { $0 } == .unchanged)
        #expect(folder.names == ["same.xml"])
    }

    @Test func nilContentDeletesTheFile() throws {
        try folder.write("old", to: "old.xml")
        #expect(
            try HostFile(folder.path("old.xml")).update(defaultMode: 0o600) { _ in nil }
                == .deleted)
        #expect(folder.names == [])
    }

    @Test func linkIsKeptAndItsTargetReplaced() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path("real"), withIntermediateDirectories: false)
        try folder.write("old", to: "real/file.xml")
        symlink("real/file.xml", folder.path("inner.xml"))
        symlink(folder.path("inner.xml"), folder.path("link.xml"))
        try HostFile(folder.path("link.xml")).update(defaultMode: 0o600) { _ in Array("new".utf8) }
        #expect(folder.text("real/file.xml") == "new")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.path("inner.xml"))
                == "real/file.xml")
    }

    @Test func danglingLinkGetsItsTarget() throws {
        symlink("later.xml", folder.path("link.xml"))
        let file = HostFile(folder.path("link.xml"))
        #expect(try file.read() == nil)
        #expect(try file.update(defaultMode: 0o600) { _ in Array("new".utf8) } == .created)
        #expect(folder.names == ["later.xml", "link.xml"])
        #expect(try file.read() == Array("new".utf8))
    }

    @Test func remainsOfAKilledRunAreDeleted() throws {
        try folder.write("half", to: ".file.xml.tproxy-1-2")
        try folder.write("", to: ".file.xml.tproxy-lock")
        try folder.write("other", to: ".other.xml.tproxy-1-2")
        try HostFile(folder.path("file.xml")).update(defaultMode: 0o600) { _ in Array("new".utf8) }
        #expect(folder.names == [".other.xml.tproxy-1-2", "file.xml"])
    }

    @Test func errorOfTheBodyIsPassedOn() throws {
        struct Refusal: Error, Equatable {}
        try folder.write("old", to: "file.xml")
        #expect(throws: HostFileUpdateError.refused(Refusal())) {
            try HostFile(folder.path("file.xml")).update(defaultMode: 0o600) {
                _ throws(Refusal) in throw Refusal()
            }
        }
        #expect(folder.text("file.xml") == "old")
    }

    @Test func changeWithoutTheLockIsNotOverwritten() throws {
        try folder.write("first", to: "file.xml")
        var seen: [String] = []
        try HostFile(folder.path("file.xml")).update(defaultMode: 0o600) { old in
            seen.append(String(decoding: old ?? [], as: UTF8.self))
            if seen.count == 1 { try? folder.write("theirs, longer", to: "file.xml") }
            return (old ?? []) + Array(" and ours".utf8)
        }
        #expect(seen == ["first", "theirs, longer"])
        #expect(folder.text("file.xml") == "theirs, longer and ours")
        #expect(folder.names == ["file.xml"])
    }

    @Test func unreplaceableFilesNameTheReason() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path("directory"), withIntermediateDirectories: false)
        mkfifo(folder.path("pipe"), 0o600)
        symlink("loop", folder.path("loop"))
        try folder.write(String(repeating: "x", count: 100), to: "large")
        let cases: [(String, HostFileError.Step, HostFileError.Cause)] = [
            ("directory", .find, .isDirectory), ("pipe", .find, .notRegular),
            ("missing/file", .find, .folderMissing), ("large/file", .find, .folderMissing),
            ("large", .read, .tooLarge(limit: 99)),
            ("loop", .find, .other("Too many levels of symbolic links")),
            ("directory/..", .find, .isDirectory),
        ]
        for (name, step, cause) in cases {
            let file = HostFile(folder.path(name), limit: 99)
            #expect(
                throws: HostFileUpdateError<Never>.file(HostFileError(file.path, step, cause))
            ) {
                try file.update(defaultMode: 0o600) { _ in Array("new".utf8) }
            }
        }
    }

    @Test func waitForTheLockEndsAfterThePatience() throws {
        let descriptor = open(folder.path(".file.xml.tproxy-lock"), O_RDWR | O_CREAT, 0o600)
        defer { close(descriptor) }
        flock(descriptor, LOCK_EX)
        let file = HostFile(folder.path("file.xml"), timeout: .milliseconds(50))
        #expect(throws: HostFileUpdateError<Never>.file(HostFileError(file.path, .lock, .busy))) {
            try file.update(defaultMode: 0o600) { _ in Array("new".utf8) }
        }
    }
}
