import Foundation
import Testing
import TproxyTestSupport

/// Twenty commands that write the same file at once.
@Suite struct ManyWritersTests {
    private static let ports = 1...4

    /// Flags of one of several plans.
    private static func plan(_ number: Int) -> [String] {
        ["--kuma-dp-user", "1", "--redirect-outbound-port", "\(number % ports.count + 1)"]
    }

    private func atOnce(_ commands: [[String]]) async throws -> [Command.Outcome] {
        try await withThrowingTaskGroup(of: Command.Outcome.self) { group in
            for words in commands { group.addTask { try await Command.tproxy(words) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// Others' elements stay, and of ours there is one plan or none.
    @Test func foreignElementsStayWithTwentyWritersOfDirectXML() async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "direct.xml")
        let foreign = "<direct>\n  <!-- the admin's own words -->\n</direct>\n"
        try foreign.write(toFile: file, atomically: true, encoding: .utf8)
        let export = ["export", "firewalld", "--output", file]
        let outcomes = try await atOnce(
            (0..<20).map { $0 % 4 == 3 ? export + ["--remove"] : export + Self.plan($0) })
        for outcome in outcomes { #expect(outcome.status == 0, "\(outcome.errors)") }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["direct.xml"])

        let written = try String(contentsOfFile: file, encoding: .utf8)
        var possible = [foreign]
        for number in Self.ports {
            try foreign.write(toFile: file, atomically: true, encoding: .utf8)
            _ = try await Command.tproxy(export + Self.plan(number))
            possible.append(try String(contentsOfFile: file, encoding: .utf8))
        }
        #expect(Set(possible).count == Self.ports.count + 1)
        #expect(possible.contains(written), "\(written)")
    }

    /// Each that says it has written did, and the last one's file is whole.
    ///
    /// The same of units is in `ManyUnitsTests`, since these can't name a program below /tmp.
    @Test func theLastOfTwentyWritersLeavesAWholeNftFile() async throws {
        let folder = try TestFolder()
        let file = folder.path(of: "written")
        let outcomes = try await atOnce(
            (0..<20).map { ["export", "nftables", "--output", file] + Self.plan($0) })
        for outcome in outcomes { #expect(outcome.status == 0, "\(outcome.errors)") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["written"])

        let written = try String(contentsOfFile: file, encoding: .utf8)
        var possible: Set<String> = []
        for number in Self.ports {
            let alone = try await Command.tproxy(
                ["export", "nftables", "--output", "-"] + Self.plan(number))
            possible.insert(alone.output)
        }
        #expect(possible.count == Self.ports.count)
        #expect(possible.contains(written), "\(written)")
    }
}
