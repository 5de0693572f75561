import Foundation
import Testing
import TproxyTestSupport

/// Checks what the documents claim about the source tree.
@Suite struct DocumentTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Scenario.root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Every departure from Kuma names a test that exists.
    @Test func testsNamedInCompatibilityExist() throws {
        let folder = Scenario.root.appendingPathComponent("Tests")
        let files = try #require(
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
        var suites: [String: String] = [:]
        for case let file as URL in files where file.pathExtension == "swift" {
            // Targets may have suites of one name.
            suites[file.deletingPathExtension().lastPathComponent, default: ""] += try String(
                contentsOf: file, encoding: .utf8)
        }
        let named = try text("docs/compatibility.md").matches(
            of: /`([A-Za-z]+Tests)(?:\/([A-Za-z0-9]+))?`/)
        #expect(named.count > 30)
        for match in named {
            let suite = suites[String(match.1)]
            #expect(suite != nil, "no suite \(match.1)")
            if let test = match.2 {
                #expect(suite?.contains("func \(test)(") == true, "no test \(match.1)/\(test)")
            }
        }
    }

    @Test func linkedFilesExist() throws {
        for document in [
            "README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/packet-flow.md",
        ] {
            for match in try text(document).matches(of: /\]\(([^)#:]+)\)/) {
                let target = Scenario.root.appendingPathComponent(document)
                    .deletingLastPathComponent().appendingPathComponent(String(match.1))
                #expect(FileManager.default.fileExists(atPath: target.path), "\(match.1)")
            }
        }
    }
}
