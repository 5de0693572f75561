import Foundation
import TproxyTestSupport

/// Pages in a folder of their own, as the command writes them.
struct PageFile {
    let folder: URL

    /// Runs `body` with an empty folder that goes away with it.
    static func with(_ body: (PageFile) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("tproxy-page-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(PageFile(folder: folder))
    }

    /// The page of a scenario.
    func make(_ scenario: Scenario) async throws -> URL {
        let plan = try await Command.tproxy(
            ["plan", "--format", "html", "--config", "tproxy.yaml", "--facts", "facts.json"],
            in: scenario.folder.path)
        return try write(plan.output, "\(scenario).html")
    }

    /// The page of a configuration that is in a file called `name`.
    func make(_ yaml: String, named name: String = "tproxy.yaml") async throws -> URL {
        _ = try write(yaml, name)
        let facts = Scenario.root.appendingPathComponent("rulesets/default/facts.json").path
        let plan = try await Command.tproxy(
            ["plan", "--format", "html", "--config", name, "--facts", facts], in: folder.path)
        return try write(plan.output, "page.html")
    }

    private func write(_ text: String, _ name: String) throws -> URL {
        let file = folder.appendingPathComponent(name)
        try Data(text.utf8).write(to: file)
        return file
    }
}

extension Scenario {
    static func named(_ name: String) throws -> Scenario {
        guard let scenario = all.first(where: { $0.name == name }) else {
            throw CocoaError(.fileNoSuchFile)
        }
        return scenario
    }
}
