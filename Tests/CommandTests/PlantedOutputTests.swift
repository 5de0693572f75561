import Foundation
import Testing
import TproxyTestSupport

/// Commands that write a file where other users may have planted links.
@Suite struct PlantedOutputTests {
    /// The commands, without the path of the file that follows.
    private static let commands: [[String]] = [
        ["plan", "--loaded", "none", "--output-file"], ["export", "nftables", "--output"],
        ["export", "firewalld", "--output"],
    ]
    private let folder: TestFolder

    init() throws {
        folder = try TestFolder()
        for name in ["public", "private"] {
            try FileManager.default.createDirectory(
                atPath: folder.path(of: name), withIntermediateDirectories: false)
        }
        chmod(folder.path(of: "public"), 0o1777)
        try #"""
        {"proxyUser": 5678, "loopback": "lo", "resolvers": [], "hasDockerDNSChain": false,
         "ipv6": {"isUsable": false, "reason": "test"}}
        """#.write(toFile: folder.path(of: "facts.json"), atomically: true, encoding: .utf8)
    }

    private func run(
        _ command: [String], _ name: String, _ more: [String] = []
    ) async throws -> Command.Outcome {
        try await Command.tproxy(
            command + [folder.path(of: name), "--facts", folder.path(of: "facts.json")] + more)
    }

    private func text(_ name: String) -> String? {
        try? String(contentsOfFile: folder.path(of: name), encoding: .utf8)
    }

    @Test(arguments: commands)
    func noPlantedLinkIsFollowed(command: [String]) async throws {
        try "theirs".write(
            toFile: folder.path(of: "private/victim"), atomically: true, encoding: .utf8)
        symlink(folder.path(of: "private/victim"), folder.path(of: "public/link"))
        symlink(folder.path(of: "private/none"), folder.path(of: "public/dangling"))
        symlink(folder.path(of: "private"), folder.path(of: "public/folder"))
        // A file that firewalld would accept.
        try "<direct>\n</direct>\n".write(
            toFile: folder.path(of: "private/direct.xml"), atomically: true, encoding: .utf8)
        symlink("../private/direct.xml", folder.path(of: "public/direct.xml"))
        let force = command[1] == "firewalld" ? [] : ["--force"]
        for name in ["public/link", "public/dangling", "public/folder/new", "public/direct.xml"] {
            for more in [[], force] {
                let refused = try await run(command, name, more)
                #expect(refused.status == 1, "\(name): \(refused.output)")
            }
        }
        let refused = try await run(command, "public/dangling")
        #expect(refused.errors.contains("[unwritable-file]"), "\(refused.errors)")
        #expect(text("private/victim") == "theirs")
        #expect(text("private/direct.xml") == "<direct>\n</direct>\n")
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: folder.path(of: "private")).sorted()
                == ["direct.xml", "victim"])
        // A new file is made there, and replaced.
        for _ in 0..<2 {
            let written = try await run(command, "public/new")
            #expect(written.status == 0, "\(written.errors)")
        }
    }

    @Test(arguments: commands.filter { $0[1] != "firewalld" })
    func aFileOfOthersIsReplacedOnlyByForce(command: [String]) async throws {
        for content in ["theirs", "{}", #"{"schema": "tproxy.plan-file/3", "sha256": "00"}"#] {
            try content.write(
                toFile: folder.path(of: "private/file"), atomically: true, encoding: .utf8)
            let refused = try await run(command, "private/file")
            #expect(refused.status == 1)
            #expect(refused.errors.contains("--force"), "\(refused.errors)")
            #expect(text("private/file") == content)
            let forced = try await run(command, "private/file", ["--force"])
            #expect(forced.status == 0, "\(forced.errors)")
            #expect(text("private/file") != content)
            let again = try await run(command, "private/file")
            #expect(again.status == 0, "\(again.errors)")
        }
    }
}
