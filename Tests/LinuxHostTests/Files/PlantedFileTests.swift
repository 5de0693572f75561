import Foundation
import LinuxHost
import Testing

/// Files that another user may have planted in a folder that all users can write, such as /tmp.
@Suite struct PlantedFileTests {
    private let folder = TemporaryFolder()

    init() throws {
        for name in ["public", "private"] {
            try FileManager.default.createDirectory(
                atPath: folder.path(name), withIntermediateDirectories: false)
        }
        chmod(folder.path("public"), 0o1777)
        try folder.write("theirs", to: "private/victim")
    }

    private func write(_ name: String, force: Bool = false) throws -> HostFile.Outcome {
        try HostFile(folder.path(name), replacesOthers: force).update(defaultMode: 0o644) {
            (_) throws(Never) in Array("new".utf8)
        }
    }

    private func expectRefusal(_ name: String, _ link: String) {
        let path = folder.path(name)
        #expect(
            throws: HostFileUpdateError<Never>.file(
                HostFileError(path, .find, .plantedLink(link)))
        ) {
            try write(name)
        }
        #expect(throws: HostFileUpdateError<Never>.self) { try write(name, force: true) }
        #expect(folder.text("private/victim") == "theirs")
    }

    @Test func plantedLinkIsNotFollowed() throws {
        symlink(folder.path("private/victim"), folder.path("public/plan"))
        expectRefusal("public/plan", "plan")
    }

    @Test func plantedDanglingLinkCreatesNothing() throws {
        symlink(folder.path("private/none"), folder.path("public/plan"))
        expectRefusal("public/plan", "plan")
        #expect(folder.text("private/none") == nil)
    }

    @Test func linkInAFolderOfThePathIsNotFollowed() throws {
        symlink(folder.path("private"), folder.path("public/folder"))
        expectRefusal("public/folder/victim", "folder")
        symlink("../private", folder.path("public/near"))
        expectRefusal("public/near/victim", "near")
    }

    /// A link in our folder that leads through a public one.
    @Test func linkBehindALinkIsNotFollowed() throws {
        symlink(folder.path("public/plan"), folder.path("ours"))
        symlink(folder.path("private/victim"), folder.path("public/plan"))
        expectRefusal("ours", "plan")
    }

    @Test func newFileIsCreatedInAPublicFolder() throws {
        #expect(try write("public/plan") == .created)
        #expect(try write("public/plan") == .unchanged)
        #expect(folder.text("public/plan") == "new")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path("public"))
                == ["plan"])
    }

    @Test(.enabled(if: getuid() == 0)) func otherUsersFileIsReplacedOnlyWithForce() throws {
        try folder.write("theirs", to: "public/plan")
        chown(folder.path("public/plan"), 12, 34)
        chmod(folder.path("public/plan"), 0o4755)
        #expect(
            throws: HostFileUpdateError<Never>.file(
                HostFileError(folder.path("public/plan"), .find, .ownedByOther(12)))
        ) {
            try write("public/plan")
        }
        #expect(folder.text("public/plan") == "theirs")
        // With force it is replaced, and then it is ours.
        #expect(try write("public/plan", force: true) == .replaced)
        let attributes = try FileManager.default.attributesOfItem(
            atPath: folder.path("public/plan"))
        #expect(attributes[.ownerAccountID] as? Int == 0)
        #expect(attributes[.posixPermissions] as? Int == 0o644)
    }

    /// A folder of another user, into which root writes.
    @Test(.enabled(if: getuid() == 0)) func linkInAnotherUsersFolderIsNotFollowed() throws {
        symlink(folder.path("private/victim"), folder.path("public/plan"))
        chmod(folder.path("public"), 0o755)
        chown(folder.path("public"), 12, 34)
        expectRefusal("public/plan", "plan")
    }

    @Test func lockOnTheFolderDoesNotDelayWriting() throws {
        for name in ["public", "private"] {
            let descriptor = open(folder.path(name), O_RDONLY)
            defer { close(descriptor) }
            flock(descriptor, LOCK_EX)
            let file = HostFile(folder.path(name + "/plan"), timeout: .zero)
            #expect(try file.update(defaultMode: 0o600) { _ in Array("new".utf8) } == .created)
        }
    }
}
