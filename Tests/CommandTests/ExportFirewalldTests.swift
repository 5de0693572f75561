import Foundation
import Testing
import TproxyTestSupport

/// `export firewalld` and `plan --format firewalld`, on a file that the test makes.
@Suite struct ExportFirewalldTests {
    private static let foreign = """
        <?xml version='1.0'?>
        <direct>
        \t<!-- the admin's -->
        \t<passthrough ipv="ipv4">-t filter -A FORWARD -j ACCEPT</passthrough>
        </direct>
        """

    private func withFile(_ text: String?, _ body: (URL) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-export-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("direct.xml")
        if let text { try text.write(to: file, atomically: false, encoding: .utf8) }
        try await body(file)
    }

    private func export(_ file: URL, _ arguments: [String] = []) async throws -> Command.Outcome {
        try await Command.tproxy(
            [
                "export", "firewalld", "--config", "tproxy.yaml", "--facts", "facts.json",
                "--output", file.path,
            ] + arguments,
            in: Scenario.root.appendingPathComponent("rulesets/everything").path)
    }

    private func text(_ file: URL) -> String? { try? String(contentsOf: file, encoding: .utf8) }

    @Test func exportAndRemovalKeepForeignElements() async throws {
        try await withFile(Self.foreign) { file in
            chmod(file.path, 0o640)
            let first = try await export(file)
            #expect(first.status == 0, "\(first.errors)")
            #expect(first.output.contains("stored "))
            let stored = try #require(text(file))
            let head = try #require(Self.foreign.range(of: "</direct>")).lowerBound
            #expect(stored.hasPrefix(Self.foreign[..<head]))
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[
                .posixPermissions]
            #expect(mode as? Int == 0o640)
            let second = try await export(file)
            #expect(second.output.hasPrefix("unchanged: "))
            #expect(text(file) == stored)
            let removal = try await Command.tproxy(
                ["export", "firewalld", "--remove", "--output", file.path])
            #expect(removal.status == 0, "\(removal.errors)")
            #expect(text(file) == Self.foreign)
            let again = try await Command.tproxy(
                ["export", "firewalld", "--remove", "--output", file.path])
            #expect(again.status == 0)
            #expect(again.output.hasPrefix("nothing to remove"))
        }
    }

    @Test func removalDeletesTheFileThatExportMade() async throws {
        try await withFile(nil) { file in
            #expect(try await export(file).status == 0)
            let mode = try FileManager.default.attributesOfItem(atPath: file.path)[
                .posixPermissions]
            #expect(mode as? Int == 0o600)
            let stored = text(file)
            #expect(try await export(URL(fileURLWithPath: "/dev/stdout")).status == 1)
            let printed = try await Command.tproxy(
                [
                    "export", "firewalld", "--config", "tproxy.yaml", "--facts", "facts.json",
                    "--output", "-",
                ], in: Scenario.root.appendingPathComponent("rulesets/everything").path)
            #expect(printed.output == stored)
            _ = try await Command.tproxy(
                ["export", "firewalld", "--remove", "--output", file.path])
            let nowhere = try await Command.tproxy(
                ["export", "firewalld", "--remove", "--output", file.path + "/none/direct.xml"])
            #expect(nowhere.status == 0, "\(nowhere.errors)")
            #expect(!FileManager.default.fileExists(atPath: file.path))
        }
    }

    @Test func malformedFileIsRefusedAndStaysUnchanged() async throws {
        let broken = "<direct>\n  <rule ipv=\"ipv4\" chain='a\"/>\n"
        try await withFile(broken) { file in
            let outcome = try await export(file)
            #expect(outcome.status == 1)
            let told = """
                \(file.path):2:3: error: the file isn't XML: unclosed token [malformed-direct-xml]
                      <rule ipv="ipv4" chain='a"/>
                      ^
                help: correct '\(file.path)': firewalld can't read it either; nothing was changed

                """
            #expect(outcome.errors.hasSuffix(told), "\(outcome.errors)")
            #expect(text(file) == broken)
        }
    }

    @Test func fileThatFirewalldRejectsIsRefused() async throws {
        let fatal = """
            <direct>
              <chain ipv="ipv4" table="nat" chain="OUTPUT"/>
              <rule ipv="ipv4" table="nat" chain="OUTPUT" priority="0">-j NOWHERE</rule>
            </direct>
            """
        try await withFile(fatal) { file in
            let outcome = try await export(file)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("\(file.path):2:3: error: chain 'OUTPUT' is built in"))
            #expect(outcome.errors.contains("\(file.path):3:3: warning: 'NOWHERE' is neither"))
            #expect(text(file) == fatal)
        }
    }

    @Test func kumactlsElementsAreReportedAndRestored() async throws {
        let kumactls = """
            <direct>
              <chain ipv="ipv4" table="nat" chain="KUMA_MESH_OUTBOUND"/>
              <rule ipv="ipv4" table="nat" chain="OUTPUT" priority="3">-p tcp -j KUMA_MESH_OUTBOUND</rule>
            </direct>
            """
        try await withFile(kumactls) { file in
            let outcome = try await export(file)
            #expect(outcome.errors.contains("2 elements of kumactl in"), "\(outcome.errors)")
            _ = try await Command.tproxy(
                ["export", "firewalld", "--remove", "--output", file.path])
            #expect(text(file) == kumactls)
        }
    }

    @Test func plannedDiffPatchesTheFileAsExportDoes() async throws {
        try await withFile(Self.foreign) { file in
            let folder = Scenario.root.appendingPathComponent("rulesets/default").path
            let inputs = ["--config", "tproxy.yaml", "--facts", "facts.json"]
            let diff = try await Command.tproxy(
                ["plan", "--format", "firewalld", "--against", file.path] + inputs, in: folder)
            #expect(diff.status == 0, "\(diff.errors)")
            #expect(text(file) == Self.foreign)
            let patched = try await Command.run(
                "patch", ["--quiet", "--output=-", file.path], input: diff.output)
            _ = try await Command.tproxy(
                ["export", "firewalld", "--output", file.path] + inputs, in: folder)
            #expect(patched.output == text(file), "\(patched.errors)")
            let none = try await Command.tproxy(
                ["plan", "--format", "firewalld", "--against", file.path] + inputs, in: folder)
            #expect(none.output == "")
        }
    }
}
