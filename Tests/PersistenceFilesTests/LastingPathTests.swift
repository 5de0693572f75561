import Foundation
import PersistenceFiles
import Testing

/// Files that a service won't find at boot are refused when the unit is written.
@Suite struct LastingPathTests {
    private typealias Problem = LastingPath.Problem

    @Test func aFileOfTheHostLasts() throws {
        #expect(try LastingPath.resolve("/etc/passwd", for: .read) == "/etc/passwd")
        #expect(try LastingPath.resolve("/etc/../etc/./passwd", for: .read) == "/etc/passwd")
        #expect(try LastingPath.resolve("/usr/bin/env", for: .execute) == "/usr/bin/env")
    }

    @Test func standardInputIsRefused() {
        #expect(throws: Problem.standardInput) { try LastingPath.resolve("-", for: .read) }
    }

    @Test func missingAndSpecialFilesAreRefused() {
        #expect(throws: Problem.notRegular) { try LastingPath.resolve("/etc", for: .read) }
        #expect(throws: Problem.vanishes(folder: "/dev")) {
            try LastingPath.resolve("/dev/null", for: .read)
        }
        #expect(throws: Problem.missing(reason: "No such file or directory")) {
            try LastingPath.resolve("/etc/there/is/no/such.yaml", for: .read)
        }
    }

    @Test func aProgramMustBeExecutable() {
        #expect(throws: Problem.unreadable(path: "/etc/passwd")) {
            try LastingPath.resolve("/etc/passwd", for: .execute)
        }
    }

    @Test func aTemporaryFileIsRefused() throws {
        let file = URL(fileURLWithPath: "/tmp").appendingPathComponent("tproxy-\(UUID()).yaml")
        try Data().write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        #expect(throws: Problem.vanishes(folder: "/tmp")) {
            try LastingPath.resolve(file.path, for: .read)
        }
    }

    /// The link persists, but its target doesn't.
    @Test func aLinkOutOfALastingFolderIsRefused() {
        #expect(throws: Problem.vanishes(folder: "/proc")) {
            try LastingPath.resolve("/etc/mtab", for: .read)
        }
    }
}
